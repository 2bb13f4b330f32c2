"""One request, as a route sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import parse_qs, unquote

from starlette.requests import Request

from deploy.localhub import answers
from deploy.localhub.answers import Refusal
from deploy.localhub.git.repository import Repository
from deploy.localhub.hub import Hub
from deploy.localhub.identity import access
from deploy.localhub.identity.access import Caller
from deploy.localhub.spaces import Space
from deploy.network import LOOPBACK


@dataclass(frozen=True, kw_only=True)
class Call:
    """`body` is read already and stands at its start."""

    hub: Hub
    request: Request
    caller: Caller
    body: IO[bytes]

    @property
    def base(self) -> str:
        """The address under which the caller reached the Hub; links in answers begin with it."""
        return f"http://{self.request.headers.get('host', LOOPBACK)}"

    @property
    def space_id(self) -> str:
        return self.parameter("id").removesuffix(".git")

    @property
    def repository(self) -> Repository:
        return self.hub.repository(self.space_id)

    def space(self) -> Space:
        """The Space of the path, for reading. Raises Refusal."""
        return access.readable(self.hub.spaces, self.space_id, self.caller)

    def member_space(self) -> Space:
        """The Space of the path, for what only members of its namespace see. Raises Refusal."""
        space = self.space()
        if not self.caller.belongs_to(space):
            told = access.NOT_YOURS.format(space=space.id)
            raise answers.anonymous() if self.caller.user is None else answers.not_allowed(told)
        return space

    def writable_space(self) -> Space:
        """The Space of the path, for changing. Raises Refusal."""
        return self.writable(self.space_id)

    def writable(self, space_id: str) -> Space:
        return access.writable(self.hub.spaces, space_id, self.caller)

    def parameter(self, name: str) -> str:
        """A part of the path. Paths are matched as sent, so that a revision may hold an encoded slash."""
        return unquote(str(self.request.path_params[name]))

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def flag(self, name: str) -> bool:
        return self.query(name).lower() in ("1", "true", "yes")

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises Refusal (400)."""
        raw = self.body.read()
        try:
            document = json.loads(raw) if raw else {}
        except ValueError:
            raise Refusal(400, "Invalid JSON in the request body") from None
        if not isinstance(document, dict):
            raise Refusal(400, "The request body must be a JSON object")
        return document

    def form(self) -> Mapping[str, list[str]]:
        """The body as a form; `paths=a&paths=b` gives a list. A JSON object is taken as well."""
        if "json" in self.request.headers.get("content-type", ""):
            return {key: value if isinstance(value, list) else [value] for key, value in self.json().items()}
        return parse_qs(self.body.read().decode(), keep_blank_values=True)


def text(document: Mapping[str, Any], name: str) -> str:
    """A field that must be a string with something in it. Raises Refusal (400)."""
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(400, f'"{name}" is required')
    return value
