"""All of a user's tasks out, and tasks in, as one document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from app.data import listing, transfer
from app.data.listing import Position
from app.data.tables import utc_now
from app.data.tasks import TaskRow
from app.deps import Caller, CallerDep
from app.edge import problems
from app.schemas.tasks import TaskRead
from app.schemas.transfer import FORMAT, ImportOutcome, TaskExport, TaskImport

MAX_IMPORT_BYTES = 4 * 1024 * 1024
ATTACHED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Content-Disposition": {"description": "A name for the file", "schema": {"type": "string"}}}}
}

PORTION = 100
Portion = tuple[Sequence[TaskRow], Position | None]

_tasks = TypeAdapter(list[TaskRead])

router = APIRouter()


@router.get("/export", summary="Export my tasks", response_model=TaskExport, responses=ATTACHED)
async def export_tasks(caller: CallerDep) -> StreamingResponse:
    """All my tasks as a document that can be imported, 1,000 tasks at a time."""
    now = utc_now()
    first = await _portion(caller)  # before the answer begins, so that it can still be an error
    head = f'{{"format":"{FORMAT}","exported_at":"{now:%Y-%m-%dT%H:%M:%SZ}","tasks":['
    name = f"tasks-{now:%Y-%m-%d}.json"
    return StreamingResponse(
        _document(head.encode(), first, caller),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post(
    "/import",
    summary="Import tasks",
    response_model=ImportOutcome,
    responses=problems.of(409, 413, 422),
    max_body_size=MAX_IMPORT_BYTES,
)
async def import_tasks(body: TaskImport, caller: CallerDep) -> transfer.Imported:
    """All of them or, on an error, none: up to 1,000 tasks and 4 MiB; 409 when they were more than I may keep.

    A task whose id is one of mine already is skipped. Every other is made anew, with an id of its own.
    """
    return await caller.write(transfer.bring_in, [task.incoming() for task in body.tasks])


async def _portion(caller: Caller, after: Position | None = None) -> Portion:
    return await caller.read(listing.page, limit=PORTION, order=listing.OLDEST_FIRST, after=after)


async def _document(head: bytes, portion: Portion, caller: Caller) -> AsyncIterator[bytes]:
    """In portions, so that neither memory nor a connection is held for a reader that takes its time.

    It is no snapshot therefore; but a task that stays is in it exactly once, as it was at one moment.
    """
    yield head
    found, end = portion
    yield _listed(found)
    while end is not None:
        found, end = await _portion(caller, end)
        yield b"," + _listed(found) if found else b""
    yield b"]}"


def _listed(found: Sequence[TaskRow]) -> bytes:
    return _tasks.dump_json(_tasks.validate_python(found, from_attributes=True))[1:-1]
