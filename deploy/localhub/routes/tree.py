"""Looking at a repository: its tree, single paths, its commits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dulwich.objects import ObjectID
from starlette.responses import JSONResponse, Response

from deploy.localhub import answers
from deploy.localhub.answers import Refusal
from deploy.localhub.git import history, repository
from deploy.localhub.git.repository import PathInfo
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route

PAGE = 1000
COMMITS_PAGE = 50


def tree(call: Call) -> Response:
    call.space()
    path = call.parameter("path") if "path" in call.request.path_params else ""
    path = path.strip("/")
    with call.repository.open() as repo:
        commit = repository.resolve(repo, call.parameter("rev"))
        folder = repository.find(repo, commit, path)
        if folder is None or not folder.folder:
            raise answers.entry_missing(f'{path} does not exist on "{call.parameter("rev")}"')
        prefix = f"{path}/" if path else ""
        entries = list(repository.walk(repo, ObjectID(folder.oid.encode()), prefix, recursive=call.flag("recursive")))
        start = _cursor(call)
        shown = entries[start : start + PAGE]
        latest = history.last_touching(repo, commit, [entry.path for entry in shown]) if call.flag("expand") else {}
    items = [{**document(entry), **latest.get(entry.path, {})} for entry in shown]
    return JSONResponse(items, headers=_next(call, start + PAGE) if len(entries) > start + PAGE else None)


def paths_info(call: Call) -> Response:
    call.space()
    form = call.form()
    with call.repository.open() as repo:
        commit = repository.resolve(repo, call.parameter("rev"))
        found = [repository.find(repo, commit, path.strip("/")) for path in form.get("paths", [])]
        entries = [entry for entry in found if entry is not None]
        expand = str(form.get("expand", ["false"])[0]).lower() == "true"
        latest = history.last_touching(repo, commit, [entry.path for entry in entries]) if expand else {}
    return JSONResponse([{**document(entry), **latest.get(entry.path, {})} for entry in entries])


def commits(call: Call) -> Response:
    call.space()
    start = _cursor(call)
    with call.repository.open() as repo:
        commit = repository.resolve(repo, call.parameter("rev"))
        found = list(history.page(repo, commit, start=start, size=COMMITS_PAGE + 1))
    more = len(found) > COMMITS_PAGE
    return JSONResponse(
        [history.document(one) for one in found[:COMMITS_PAGE]],
        headers=_next(call, start + COMMITS_PAGE) if more else None,
    )


def document(entry: PathInfo) -> dict[str, Any]:
    kind = "directory" if entry.folder else "file"
    shown: dict[str, Any] = {"type": kind, "oid": entry.oid, "size": entry.size, "path": entry.path}
    if entry.lfs:
        shown["lfs"] = {"oid": entry.lfs.oid, "size": entry.lfs.size, "pointerSize": entry.lfs.length}
    return shown


def _cursor(call: Call) -> int:
    cursor = call.query("cursor", "0")
    if not cursor.isdecimal():
        raise Refusal(400, "Invalid cursor")
    return int(cursor)


def _next(call: Call, cursor: int) -> dict[str, str]:
    kept = [(key, value) for key, value in call.request.query_params.multi_items() if key != "cursor"]
    query = urlencode([*kept, ("cursor", str(cursor))])
    return {"Link": f'<{call.base}{call.request.url.path}?{query}>; rel="next"'}


ROUTES = (
    Route(method="GET", template="/api/spaces/{id}/tree/{rev}", handler=tree),
    Route(method="GET", template="/api/spaces/{id}/tree/{rev}/{path}", handler=tree),
    Route(method="POST", template="/api/spaces/{id}/paths-info/{rev}", handler=paths_info),
    Route(method="GET", template="/api/spaces/{id}/commits/{rev}", handler=commits),
)
