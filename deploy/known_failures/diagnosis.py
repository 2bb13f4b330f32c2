"""What a log gives away, and what has to be known besides to tell it rightly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """`evidence` is the line that was recognised."""

    cause: str
    evidence: str
    cure: str

    @property
    def lines(self) -> tuple[str, ...]:
        return (f"cause:    {self.cause}", f"evidence: {self.evidence}", f"cure:     {self.cure}")


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """Where the log comes from. `answers`: the app was heard, so that what would hide it is not the reason.

    `building`: it is a build's, which gets secrets by mounts and variables by ARG; `secrets` and `variables` are those
    that it was offered. Of a rehearsed container `stand_ins` are the secrets with a random value in place of the real
    one, and `absent` those without any.
    """

    answers: bool = False
    building: bool = False
    secrets: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    stand_ins: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


A_RUN = Circumstances()
