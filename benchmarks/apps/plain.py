"""The least that FastAPI does for the same endpoints: requests and answers are validated, nothing is looked up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class TaskCreate(BaseModel):
    title: str
    notes: str = ""
    status: str = "todo"
    priority: str = "normal"
    due: date | None = None
    tags: list[str] = []


class TaskRead(TaskCreate):
    id: UUID
    version: int = 1
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None


class TaskPage(BaseModel):
    items: list[TaskRead]
    next: str | None = None


def page() -> TaskPage:
    return TaskPage(items=[_task() for _ in range(20)])


def _task() -> TaskRead:
    now = datetime.now(UTC)
    return TaskRead(
        id=uuid4(),
        title="Write down what was measured",
        notes="The machine, the versions, how long, how often; and what was left out.",
        priority="high",
        due=date(2030, 1, 31),
        tags=["writing", "numbers"],
        created_at=now,
        updated_at=now,
    )


_PAGE = page()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/auth/register", status_code=201)
async def register() -> dict[str, str]:
    return {}


@app.post("/api/v1/auth/login")
async def login() -> dict[str, str]:
    return {"access_token": "none"}


@app.get("/api/v1/tasks")
async def list_tasks(limit: int = 100) -> TaskPage:
    return TaskPage(items=_PAGE.items[:limit])


@app.post("/api/v1/tasks", status_code=201)
async def create_task(body: TaskCreate) -> TaskRead:
    now = datetime.now(UTC)
    return TaskRead(id=uuid4(), created_at=now, updated_at=now, **body.model_dump())


@app.get("/api/v1/tasks/{task_id}")
async def read_task(task_id: UUID) -> TaskRead:
    return _PAGE.items[0].model_copy(update={"id": task_id})
