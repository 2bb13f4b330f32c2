"""One thing done to many of a user's tasks."""

from __future__ import annotations

from fastapi import APIRouter

from app.data import bulk
from app.deps import CallerDep
from app.edge import problems
from app.schemas.bulk import BulkOutcome, TaskIds

router = APIRouter(prefix="/bulk", responses=problems.of(413))


@router.post("/complete", summary="Complete many tasks", response_model=BulkOutcome)
async def complete_tasks(body: TaskIds, caller: CallerDep) -> bulk.Outcome:
    """A task that was done already counts as done and keeps its version."""
    return await caller.write(bulk.complete, body.ids)


@router.post("/delete", summary="Delete many tasks", response_model=BulkOutcome)
async def delete_tasks(body: TaskIds, caller: CallerDep) -> bulk.Outcome:
    return await caller.write(bulk.remove, body.ids)
