"""Downloading one file: what `hf_hub_download` asks with HEAD and then takes with GET, `HfFileSystem` in ranges."""

from __future__ import annotations

import mimetypes

from starlette.responses import Response

from deploy.localhub import answers, clock
from deploy.localhub.git import history, repository
from deploy.localhub.http.calls import Call
from deploy.localhub.http.downloads import ContentDownload, Download
from deploy.localhub.http.endpoint import Route


def resolve(call: Call) -> Response:
    call.space()
    path = call.parameter("path")
    with call.repository.open() as repo:
        commit = repository.resolve(repo, call.parameter("rev"))
        oid = commit.id.decode()
        entry = repository.find(repo, commit, path)
        if entry is None or entry.folder:
            raise answers.entry_missing(commit=oid)
        data = b"" if entry.lfs else repository.content(repo, entry.oid)
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    headers = {
        "X-Repo-Commit": oid,
        "ETag": f'"{entry.lfs.oid if entry.lfs else entry.oid}"',
        "Last-Modified": clock.http_date(history.when(commit)),
    }
    if entry.lfs is None:
        return ContentDownload(data, media_type=media_type, headers=headers)
    headers |= {"X-Linked-ETag": f'"{entry.lfs.oid}"', "X-Linked-Size": str(entry.lfs.size)}
    stored = call.hub.large_files.path(entry.lfs.oid)
    if not stored.is_file():
        raise answers.entry_missing("The content of this large file was never uploaded", commit=oid)
    return Download(stored, media_type=media_type, headers=headers)


ROUTES = (
    Route(method="GET", template="/spaces/{id}/resolve/{rev}/{path}", handler=resolve, quota="resolvers"),
    Route(method="GET", template="/spaces/{id}/raw/{rev}/{path}", handler=resolve, quota="resolvers"),
)
