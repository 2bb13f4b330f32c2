"""What the proxy answers itself: a small page that names the Space's stage, or the same as JSON."""

from __future__ import annotations

import html
import json
from http import HTTPStatus

from deploy.localhub.runtime.model import RuntimeState, Stage
from deploy.stages import BUILDING_STAGES

RETRY_SECONDS = 2
_SOON = BUILDING_STAGES | {Stage.RUNNING}
_SENTENCES = {
    Stage.NO_APP_FILE: "it has no Dockerfile",
    Stage.BUILDING: "its first image is being built",
    Stage.APP_STARTING: "it is starting",
    Stage.BUILD_ERROR: "its image does not build",
    Stage.RUNTIME_ERROR: "its app does not run",
    Stage.PAUSED: "it is paused",
    Stage.STOPPED: "it is stopped",
    Stage.SLEEPING: "it is asleep",
}


def unavailable(state: RuntimeState, accept: str) -> bytes:
    """503 while nothing serves; says when to come again only if that may help."""
    stage = Stage(state.stage)
    sentence = f"This Space does not serve: {_SENTENCES.get(stage, 'its app is being replaced')}."
    retry = {"Retry-After": str(RETRY_SECONDS)} if stage in _SOON else {}
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, sentence, accept, stage=stage, headers=retry)


def answer(
    status: HTTPStatus, sentence: str, accept: str, *, stage: Stage | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """A whole response that ends the connection: HTML for a browser, JSON for everybody else."""
    if "text/html" in accept:
        kind, body = "text/html; charset=utf-8", _page(status, sentence, stage)
    else:
        kind = "application/json"
        body = json.dumps({"error": sentence} | ({"stage": stage} if stage else {}))
    encoded = body.encode()
    fields = {
        "Content-Type": kind,
        "Content-Length": str(len(encoded)),
        "Cache-Control": "no-store",
        "Connection": "close",
        **(headers or {}),
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + encoded


def _page(status: HTTPStatus, sentence: str, stage: Stage | None) -> str:
    title = html.escape(stage or status.phrase)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{html.escape(sentence)}</p></html>\n"
    )
