"""A user's own tasks. Another user's task is answered like one that does not exist."""

from __future__ import annotations

from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlalchemy import ColumnElement, delete, select, update

from app.deps import CurrentUser, SessionDep
from app.models import Task, User
from app.schemas import TaskCreate, TaskPage, TaskRead, TaskUpdate

Row = TypeVar("Row")

MAX_PAGE = 100

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("")
def list_tasks(
    user: CurrentUser,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 20,
    before: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
) -> TaskPage:
    """My tasks, newest first."""
    query = select(Task).where(Task.owner_id == user.id).order_by(Task.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Task.id < before)
    found = session.scalars(query).all()
    page = found[:limit]
    return TaskPage(
        items=[TaskRead.model_validate(task) for task in page],
        next=page[-1].id if len(found) > limit else None,
    )


@router.post("", status_code=201, response_model=TaskRead)
def create_task(body: TaskCreate, user: CurrentUser, session: SessionDep, request: Request, response: Response) -> Task:
    task = Task(owner_id=user.id, **body.model_dump())
    session.add(task)
    session.commit()
    response.headers["Location"] = request.url_for("read_task", task_id=task.id).path
    return task


@router.get("/{task_id}", response_model=TaskRead)
def read_task(task_id: UUID, user: CurrentUser, session: SessionDep) -> Task:
    return _found(session.scalar(select(Task).where(*_own(task_id, user))))


@router.patch("/{task_id}", response_model=TaskRead)
def update_task(task_id: UUID, body: TaskUpdate, user: CurrentUser, session: SessionDep) -> Task:
    changes = body.model_dump()
    if not changes:
        return read_task(task_id, user, session)
    query = update(Task).where(*_own(task_id, user)).values(changes).returning(Task)
    task = session.scalars(query).one_or_none()
    session.commit()
    return _found(task)


@router.delete("/{task_id}", status_code=204)
def delete_task(task_id: UUID, user: CurrentUser, session: SessionDep) -> None:
    deleted = session.scalar(delete(Task).where(*_own(task_id, user)).returning(Task.id))
    session.commit()
    _found(deleted)


def _own(task_id: UUID, user: User) -> tuple[ColumnElement[bool], ...]:
    return Task.id == task_id, Task.owner_id == user.id


def _found(row: Row | None) -> Row:
    if row is None:
        raise HTTPException(404, "There is no such task")
    return row
