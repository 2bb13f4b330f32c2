"""A user's own tasks. Another user's task is answered like one that does not exist."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.data import listing, tasks
from app.deps import CallerDep
from app.schemas.tasks import TaskCreate, TaskPage, TaskRead, TaskUpdate, columns

MAX_PAGE = 100

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("")
async def list_tasks(
    caller: CallerDep,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 20,
    cursor: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
) -> TaskPage:
    """My tasks, newest first."""
    found, more = await caller.read(listing.page, limit=limit, before=cursor)
    return TaskPage(items=[TaskRead.model_validate(task) for task in found], next=str(found[-1].id) if more else None)


@router.post("", status_code=201)
async def create_task(body: TaskCreate, caller: CallerDep, request: Request, response: Response) -> TaskRead:
    task = TaskRead.model_validate(await caller.write(tasks.add, columns(body)))
    response.headers["Location"] = request.url_for("read_task", task_id=task.id).path
    return _tagged(response, task)


@router.get("/{task_id}")
async def read_task(task_id: UUID, caller: CallerDep, response: Response) -> TaskRead:
    return _tagged(response, TaskRead.model_validate(await caller.read(tasks.read, task_id)))


@router.patch("/{task_id}")
async def update_task(task_id: UUID, body: TaskUpdate, caller: CallerDep, response: Response) -> TaskRead:
    changes = columns(body)
    if not changes:
        return await read_task(task_id, caller, response)
    return _tagged(response, TaskRead.model_validate(await caller.write(tasks.change, task_id, changes)))


@router.delete("/{task_id}", status_code=204)
async def delete_task(task_id: UUID, caller: CallerDep) -> None:
    await caller.write(tasks.remove, task_id)


def _tagged(response: Response, task: TaskRead) -> TaskRead:
    response.headers["ETag"] = f'"{task.version}"'
    return task
