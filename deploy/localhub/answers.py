"""What the Hub says when it refuses, in the words and headers that the real client reads.

The client tells errors apart by status, `X-Error-Code` and `X-Error-Message`
(`huggingface_hub.utils._http.hf_raise_for_status`); over plain http it knows a missing repository by its code alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

REPO_NOT_FOUND = "RepoNotFound"
REVISION_NOT_FOUND = "RevisionNotFound"
ENTRY_NOT_FOUND = "EntryNotFound"


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        # It may repeat what the caller sent, which JSON lets be no Unicode.
        self.message = message.encode("utf-8", "replace").decode()
        self.code = code
        self.headers = dict(headers or {})

    def response(self) -> Response:
        headers = dict(self.headers)
        if "\n" not in self.message:
            # The client shows header and body, once when they say the same; a header takes one line only.
            headers["X-Error-Message"] = self.message.encode("ascii", "replace").decode()
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="Authentication required", charset="UTF-8"'
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.message}, self.status, headers)


def anonymous() -> Refusal:
    """401 for a call that needs somebody. A repository that is missing or hidden answers the same."""
    return Refusal(401, "Invalid username or password.", code=REPO_NOT_FOUND)


def login_needed() -> Refusal:
    """401 for what nobody in particular may do, whatever there is."""
    return Refusal(401, anonymous().message)


def bad_credentials() -> Refusal:
    """401 for a token that this Hub never gave out, or took back."""
    return Refusal(401, "Invalid credentials in Authorization header")


def repository_missing() -> Refusal:
    return Refusal(404, "Repository not found", code=REPO_NOT_FOUND)


def revision_missing(revision: str) -> Refusal:
    return Refusal(404, f"Invalid rev id: {revision}", code=REVISION_NOT_FOUND)


def entry_missing(message: str = "Entry not found", *, commit: str | None = None) -> Refusal:
    """`commit` lets a download client remember that the file is absent at that commit."""
    return Refusal(404, message, code=ENTRY_NOT_FOUND, headers={"X-Repo-Commit": commit} if commit else None)


def not_allowed(message: str) -> Refusal:
    return Refusal(403, message)
