"""All of a user's tasks out, and tasks in, as one document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from app.data import transfer
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

_tasks = TypeAdapter(list[TaskRead])

router = APIRouter()


@router.get("/export", summary="Export my tasks", response_model=TaskExport, responses=ATTACHED)
async def export_tasks(caller: CallerDep) -> StreamingResponse:
    """All my tasks as a document that can be imported, 1,000 tasks at a time."""
    now = utc_now()
    first = await caller.read(transfer.portion)  # before the answer begins, so that it can still be an error
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


async def _document(head: bytes, portion: Sequence[TaskRow], caller: Caller) -> AsyncIterator[bytes]:
    """In portions, so that neither memory nor a connection is held for a reader that takes its time."""
    yield head
    separator = b""
    while portion:
        listed = _tasks.dump_json(_tasks.validate_python(portion, from_attributes=True))
        yield separator + listed.removeprefix(b"[").removesuffix(b"]")
        separator = b","
        portion = await caller.read(transfer.portion, after=portion[-1].id)
    yield b"]}"
