"""The operations a deployment says it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.proof import NotRun
from deploy.verify.app import App

PATH = "/openapi.json"
METHODS = ("get", "put", "post", "patch", "delete")
NOBODYS_ID = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`secured` needs a token; `takes_json` has a JSON body, `parameters` are the names in its path."""

    method: str
    path: str
    secured: bool
    takes_json: bool
    parameters: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def missing_path(self) -> str:
        """The path of a thing that is not there."""
        return re.sub(r"\{[^}]+\}", NOBODYS_ID, self.path)


def read_operations(site: App) -> tuple[Operation, ...]:
    """Of the deployment's own document. Raises NotRun when it has none."""
    answer = site.ask(PATH)
    if answer.status != 200 or not answer.document.get("paths"):
        raise NotRun(f"the app describes no operations: GET {PATH} is {answer.outcome}")
    return tuple(_operations(answer.document))


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    everywhere = bool(document.get("security"))
    for path, item in document["paths"].items():
        for method in METHODS:
            if (described := item.get(method)) is not None:
                body = described.get("requestBody", {}).get("content", {})
                yield Operation(
                    method=method.upper(),
                    path=path,
                    secured=bool(described["security"]) if "security" in described else everywhere,
                    takes_json="application/json" in body,
                    parameters=tuple(re.findall(r"\{([^}:]+)", path)),
                )
