"""Pages for a browser: the list of Spaces, and one Space with its address."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse, Response

from deploy.localhub import runtime_view
from deploy.localhub.answers import Refusal
from deploy.localhub.calls import Call
from deploy.localhub.endpoint import Route
from deploy.localhub.spaces import Space

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 50rem; padding: 0 1rem }}
td, th {{ padding: .25rem 1rem .25rem 0; text-align: left }}
</style></head>
<body><h1>{title}</h1>{body}</body>
</html>
"""


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
    address = call.hub.supervisor.address(shown.id)
    trouble = f"<p>{escape(state.error_message)}</p>" if state.error_message else ""
    return _page(shown.id, f'<p>{escape(state.stage)}: <a href="{address}">{address}</a></p>{trouble}')


def _row(call: Call, space: Space) -> str:
    stage = runtime_view.document(call.hub, space)["stage"]
    address = call.hub.supervisor.address(space.id)
    link = f'<a href="/spaces/{escape(space.id)}">{escape(space.id)}</a>'
    return f'<tr><td>{link}</td><td>{escape(stage)}</td><td><a href="{address}">{address}</a></td></tr>'


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)


ROUTES = (
    Route(method="GET", template="/", handler=index, quota="pages"),
    Route(method="GET", template="/spaces/{id}", handler=space, quota="pages"),
    Route(method="GET", template="/spaces/{id}/commit/{rev}", handler=space, quota="pages"),
)
