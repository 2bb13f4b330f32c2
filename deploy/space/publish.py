"""One commit on `main`, exactly once, also when the Hub's answer is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deploy.errors import Conflict, DeployError, HubBroken, HubUnreachable, Unconfirmed
from deploy.space.client import HubClient
from deploy.space.operations import Operation

_ATTEMPTS = 3
_PREFIX = "Spacewright-"


@dataclass(frozen=True, kw_only=True)
class Release:
    """What a commit says of itself, as trailers of its message. `deploy` is unique to one run."""

    deploy: str
    revision: str
    source: str
    image: str = ""
    variables: Mapping[str, str] | None = None
    rollback_to: str = ""

    @property
    def title(self) -> str:
        if self.rollback_to:
            return f"Roll back to {self.rollback_to[:12]} (revision {self.revision[:12]})"
        return f"Release revision {self.revision[:12]} from {self.source[:12]}"

    @property
    def message(self) -> str:
        variables = None if self.variables is None else json.dumps(self.variables, sort_keys=True, ensure_ascii=True)
        facts = {
            "Revision": self.revision,
            "Source": self.source,
            "Image": self.image,
            "Rollback-To": self.rollback_to,
            "Variables": variables,
            "Deploy": self.deploy,
        }
        return "\n".join(f"{_PREFIX}{key}: {value}" for key, value in facts.items() if value)

    @classmethod
    def parse(cls, message: str) -> Release | None:
        """The trailers of a commit's message; None when it was not made by a deploy."""
        facts = dict(
            line.removeprefix(_PREFIX).split(": ", 1)
            for line in message.splitlines()
            if line.startswith(_PREFIX) and ": " in line
        )
        if "Revision" not in facts or "Deploy" not in facts:
            return None
        return cls(
            deploy=facts["Deploy"],
            revision=facts["Revision"],
            source=facts.get("Source", ""),
            image=facts.get("Image", ""),
            variables=_variables(facts.get("Variables")),
            rollback_to=facts.get("Rollback-To", ""),
        )


def publish(
    client: HubClient,
    operations: Sequence[Operation],
    release: Release,
    parent: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Commit on top of `parent`; gives the commit's id.

    A commit is not repeated blindly: when no answer came, `main` is looked at first. Raises Conflict
    when someone else committed, Unconfirmed when it stays unknown whether the commit landed.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return client.commit(operations, title=release.title, message=release.message, parent=parent)
        except (HubUnreachable, HubBroken, Conflict) as error:
            commit = _landed(client, release, error)
            if commit:
                return commit
            if isinstance(error, Conflict) or attempt == _ATTEMPTS - 1:
                raise
        sleep(2.0**attempt)
    raise AssertionError("unreachable")


def landed(client: HubClient, deploy: str) -> str | None:
    """The commit that one deploy made, when it is on `main`."""
    for commit in client.commits():
        found = Release.parse(commit.message)
        if found and found.deploy == deploy:
            return commit.sha
    return None


def _landed(client: HubClient, release: Release, error: DeployError) -> str | None:
    try:
        return landed(client, release.deploy)
    except DeployError as blind:
        raise Unconfirmed(
            "The commit was sent, no answer came, and the Hub cannot be asked whether it landed.",
            cause=error.what,
            next_step="when the Hub answers again: invoke status, then invoke deploy (it finds out what is missing)",
        ) from blind


def _variables(text: str | None) -> Mapping[str, str] | None:
    """None when they are not told, or were edited into something else."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else None
