"""Pages for a browser: the list of Spaces, and one Space with its stage, its address and its newest commits."""

from __future__ import annotations

from html import escape

from dulwich.objects import Commit
from starlette.responses import HTMLResponse, Response

from deploy.localhub.answers import Refusal
from deploy.localhub.git import history, repository
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import runtime_view
from deploy.localhub.spaces import Space

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 56rem; padding: 0 1rem }}
h1 {{ overflow-wrap: anywhere }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ border-bottom: 1px solid #8884; padding: .4rem 1rem .4rem 0; text-align: left; vertical-align: top }}
td {{ overflow-wrap: anywhere }}
code, time {{ font-family: ui-monospace, monospace; font-size: .875em; white-space: nowrap }}
.stage {{ border: 1px solid; border-radius: 1em; font-size: .8em; padding: .1em .7em; white-space: nowrap }}
.RUNNING {{ color: light-dark(#08702f, #5fd68a) }}
.BUILD_ERROR, .RUNTIME_ERROR, .CONFIG_ERROR, .NO_APP_FILE {{ color: light-dark(#b3261e, #ff8f86) }}
@media (max-width: 36rem) {{ .wide {{ display: none }} }}
</style></head>
<body><h1>{title}</h1>{body}</body>
</html>
"""
_COMMITS = 20
"""Commits that the page of a Space shows."""


def index(call: Call) -> Response:
    """Spaces that anybody may see: a browser sends no token."""
    shown = [space for space in call.hub.spaces.all() if call.caller.may_see(space)]
    rows = "".join(_row(call, space) for space in shown)
    head = "<tr><th>Space</th><th>Stage</th><th>Address</th></tr>"
    return _page("Local Hub", f"<table>{head}{rows}</table>" if rows else "<p>There is no public Space yet.</p>")


def space(call: Call) -> Response:
    """Also for the address of a commit, which the client prints after a push."""
    try:
        shown = call.space()
    except Refusal as refusal:
        return _page(str(refusal.status), f"<p>{escape(refusal.message)}</p>", refusal.status)
    state = runtime_view.observed(call.hub, shown)
    address = call.hub.supervisor.space(shown.id).address
    serving = f" <code>{escape(state.sha[:12])}</code>" if state.sha else ""
    trouble = f"<p>{escape(state.error_message)}</p>" if state.error_message else ""
    body = f'<p>{_badge(state.stage)}{serving} at <a href="{address}">{address}</a></p>{trouble}{_commits(call)}'
    return _page(shown.id, body)


def _commits(call: Call) -> str:
    with call.repository.open() as repo:
        newest = history.page(repo, repository.resolve(repo, "main"), start=0, size=_COMMITS)
        rows = "".join(_commit_row(commit) for commit in newest)
    return f'<table><tr><th>Commit</th><th>What</th><th class="wide">When (UTC)</th></tr>{rows}</table>'


def _commit_row(commit: Commit) -> str:
    title, _ = history.title_and_message(commit)
    when = f'<time class="wide">{history.when(commit):%Y-%m-%d %H:%M:%S}</time>'
    return (
        f'<tr><td><code>{commit.id.decode()[:12]}</code></td><td>{escape(title)}</td><td class="wide">{when}</td></tr>'
    )


def _row(call: Call, space: Space) -> str:
    stage = runtime_view.document(call.hub, space)["stage"]
    address = call.hub.supervisor.space(space.id).address
    link = f'<a href="/spaces/{escape(space.id)}">{escape(space.id)}</a>'
    return f'<tr><td>{link}</td><td>{_badge(stage)}</td><td><a href="{address}">{address}</a></td></tr>'


def _badge(stage: str) -> str:
    return f'<span class="stage {escape(stage)}">{escape(stage)}</span>'


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)


ROUTES = (
    Route(method="GET", template="/", handler=index, quota="pages"),
    Route(method="GET", template="/spaces/{id}", handler=space, quota="pages"),
    Route(method="GET", template="/spaces/{id}/commit/{rev}", handler=space, quota="pages"),
)
