"""Contents that are sent whole or in ranges (RFC 9110, section 14)."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send


class Download(FileResponse):
    """A file. A range is one of bytes and of GET: starlette refuses others, and they are to be ignored."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        def ignored(name: bytes, value: bytes) -> bool:
            return name == b"range" and (scope["method"] != "GET" or not value.lower().startswith(b"bytes="))

        headers = [(name, value) for name, value in scope["headers"] if not ignored(name, value)]
        await super().__call__({**scope, "headers": headers}, receive, send)


class ContentDownload(Download):
    """A content that is no file of its own."""

    def __init__(self, content: bytes, *, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(Path(), media_type=media_type, headers=headers)
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with NamedTemporaryFile() as file:
            await run_in_threadpool(file.write, self._content)
            file.flush()
            self.path = file.name
            await super().__call__(scope, receive, send)
