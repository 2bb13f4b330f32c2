"""A user's own tasks. Another user's task is answered like one that does not exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.api import bulk, etags, queries, transfer
from app.data import listing, tasks
from app.data.tasks import TaskRow
from app.deps import CallerDep
from app.edge import problems
from app.schemas.cursors import write_cursor
from app.schemas.listing import TaskPage, TaskQuery, write_page
from app.schemas.tasks import TaskCreate, TaskRead, TaskUpdate, columns

LOCATION = {"Location": {"description": "The path of the new task", "schema": {"type": "string"}}}
TAGGED: dict[int | str, dict[str, Any]] = {200: {"headers": etags.HEADER}}
# What a client can do with a task that it just made.
LINKS = {
    operation: {"operationId": operation, "parameters": {"task_id": "$response.body#/id"}}
    for operation in ("read_task", "update_task", "delete_task")
}

ONE = "/{task_id:uuid}"  # what is no id is no task either, and not the name of anything else below /tasks

router = APIRouter(prefix="/tasks", tags=["tasks"], responses=problems.of(401, 422, 503))


@router.get("", summary="List my tasks", response_model=TaskPage, openapi_extra=queries.described(TaskQuery))
async def list_tasks(caller: CallerDep, request: Request) -> Response:
    """A page of those that every filter lets through. Pages stay right when tasks come and go meanwhile."""
    query = queries.read(TaskQuery, request)
    database, access = caller.services.database, caller.access
    found, end = await (database.read if query.filters.given else database.look_up)(
        listing.page,
        access.user_id,
        limit=query.limit,
        order=query.order,
        after=query.after,
        filters=query.filters,
        session_id=access.session_id,
    )
    following = write_cursor(query.order, end) if end else None
    return Response(write_page(found, following), media_type="application/json")


@router.post(
    "",
    status_code=201,
    summary="Add a task",
    response_model=TaskRead,
    responses={201: {"headers": etags.HEADER | LOCATION, "links": LINKS}, **problems.of(409, 413)},
)
async def create_task(body: TaskCreate, caller: CallerDep, request: Request, response: Response) -> TaskRow:
    """409 when there are as many tasks as one user may keep, which is 10,000."""
    task = await caller.write(tasks.add, columns(body))
    response.headers["Location"] = request.url_for("read_task", task_id=task.id).path
    etags.tag(response, task.version)
    return task


@router.get(
    ONE,
    summary="Read a task",
    response_model=TaskRead,
    responses={**TAGGED, 304: {"description": "The task is as it was", "headers": etags.HEADER}, **problems.of(404)},
)
async def read_task(
    task_id: UUID, caller: CallerDep, response: Response, if_none_match: etags.IfNoneMatch = None
) -> TaskRow | Response:
    task = await caller.look_up(tasks.read, task_id)
    if etags.is_known(if_none_match, task.version):
        response = Response(status_code=304)
    etags.tag(response, task.version)
    return response if response.status_code == 304 else task


@router.patch(
    ONE,
    summary="Change a task",
    response_model=TaskRead,
    responses={**TAGGED, **problems.of(404, 412, 413)},
)
async def update_task(
    task_id: UUID, body: TaskUpdate, caller: CallerDep, response: Response, if_match: etags.IfMatch = None
) -> TaskRow:
    """What is left out stays as it is. With `If-Match` nobody's change in between is overwritten."""
    changes, expected = columns(body), etags.expected(if_match)
    if changes:
        task = await caller.write(tasks.change, task_id, changes, expected=expected)
    else:
        task = await caller.read(tasks.read, task_id, expected=expected)
    etags.tag(response, task.version)
    return task


@router.delete(ONE, status_code=204, summary="Delete a task", responses=problems.of(404, 412))
async def delete_task(task_id: UUID, caller: CallerDep, if_match: etags.IfMatch = None) -> None:
    await caller.write(tasks.remove, task_id, expected=etags.expected(if_match))


for others in (bulk, transfer):
    router.include_router(others.router)
