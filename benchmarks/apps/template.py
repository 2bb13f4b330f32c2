# mypy: disable-error-code="import-not-found,misc,call-arg,no-any-return"
"""The same endpoints in the manner of fastapi/full-stack-fastapi-template: how most FastAPI services are written.

Sync routes with a SQLModel session each as a dependency, a second dependency that loads the user, an offset and a
count for a page, each row turned into its public model and validated once more as the answer, CORS as middleware,
and the defaults of the engine and of argon2. Only the names of the paths and of the fields are the task service's.
(SQLModel is installed for this alone, so type checks do not know its classes.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import DateTime
from sqlmodel import JSON, Field, Session, SQLModel, col, create_engine, func, select

KEY = os.environ["JWT_KEY_A"]
ALGORITHM = "HS256"

engine = create_engine(os.environ["DATABASE_URL"])
passwords = PasswordHash((Argon2Hasher(),))
bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login")


def now() -> datetime:
    return datetime.now(UTC)


class Account(SQLModel):
    username: str = Field(max_length=255, unique=True, index=True)


class AccountRegister(Account):
    password: str = Field(min_length=8, max_length=128)


class User(Account, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    hashed_password: str
    is_active: bool = True


class UserPublic(Account):
    id: UUID


class TaskBase(SQLModel):
    title: str = Field(min_length=1, max_length=255)
    notes: str = ""
    status: str = "todo"
    priority: str = "normal"
    due: date | None = None
    tags: list[str] = Field(default_factory=list, sa_type=JSON)


class TaskCreate(TaskBase):
    pass


class Task(TaskBase, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    owner_id: UUID = Field(foreign_key="user.id", nullable=False, ondelete="CASCADE")
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    completed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class TaskPublic(TaskBase):
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class TasksPublic(SQLModel):
    data: list[TaskPublic]
    count: int


class Token(SQLModel):
    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of a kind


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_current_user(session: SessionDep, token: Annotated[str, Depends(bearer)]) -> User:
    try:
        claims = jwt.decode(token, KEY, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError as error:
        raise HTTPException(403, "Could not validate credentials") from error
    user = session.get(User, UUID(claims["sub"]))
    if user is None or not user.is_active:
        raise HTTPException(404, "User not found")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:5173"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
SQLModel.metadata.create_all(engine)


@app.get("/health")
async def health() -> bool:
    return True


@app.post("/api/v1/auth/register", response_model=UserPublic, status_code=201)
def register(session: SessionDep, body: AccountRegister) -> Any:
    user = User(username=body.username, hashed_password=passwords.hash(body.password))
    session.add(user)
    session.commit()
    session.refresh(user)
    return user


@app.post("/api/v1/auth/login")
def login(session: SessionDep, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    user = session.exec(select(User).where(User.username == form.username)).first()
    if user is None or not passwords.verify_and_update(form.password, user.hashed_password)[0]:
        raise HTTPException(400, "Incorrect name or password")
    claims = {"sub": str(user.id), "exp": now() + timedelta(days=8)}
    return Token(access_token=jwt.encode(claims, KEY, ALGORITHM))


@app.get("/api/v1/tasks", response_model=TasksPublic)
def list_tasks(session: SessionDep, user: CurrentUser, skip: int = 0, limit: int = 100) -> Any:
    mine = col(Task.owner_id) == user.id
    count = session.exec(select(func.count()).select_from(Task).where(mine)).one()
    newest = select(Task).where(mine).order_by(col(Task.created_at).desc()).offset(skip).limit(limit)
    found = session.exec(newest).all()
    return TasksPublic(data=[TaskPublic.model_validate(task) for task in found], count=count)


@app.get("/api/v1/tasks/{task_id}", response_model=TaskPublic)
def read_task(session: SessionDep, user: CurrentUser, task_id: UUID) -> Any:
    task = session.get(Task, task_id)
    if task is None or task.owner_id != user.id:
        raise HTTPException(404, "Task not found")
    return task


@app.post("/api/v1/tasks", response_model=TaskPublic, status_code=201)
def create_task(session: SessionDep, user: CurrentUser, body: TaskCreate) -> Any:
    task = Task.model_validate(body, update={"owner_id": user.id})
    session.add(task)
    session.commit()
    session.refresh(task)
    return task
