"""Saboteurs of a user's own things, of errors, and of promises (T015, T016, T018, T021, T022)."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from starlette.types import ASGIApp, Scope

from tests.saboteurs.live.registry import turns_red
from tests.saboteurs.wrapping import Reply, replace, spoilt, spoilt_at

TASKS = "/api/v1/tasks"


@turns_red("T015")
def old_revision(app: ASGIApp) -> ASGIApp:
    """The app that answers is the one of before."""
    return spoilt_at(
        app, "/version", 200, lambda reply: reply.becomes(200, "application/json", '{"revision": "of before"}')
    )


@turns_red("T015")
def never_ready(app: ASGIApp) -> ASGIApp:
    """The health path never answers 200."""
    return spoilt_at(app, "/health", 200, lambda reply: reply.says(503, detail="Not yet"))


@turns_red("T016")
def operation_fails(app: ASGIApp) -> ASGIApp:
    """One operation answers 500 whatever it is asked."""
    return spoilt_at(app, f"{TASKS}/export", 200, lambda reply: reply.says(500, detail="The export failed"))


@turns_red("T016")
def schema_broken(app: ASGIApp) -> ASGIApp:
    """One answer has another shape than the OpenAPI document says."""
    return spoilt_at(app, "/health/live", 200, lambda reply: reply.becomes(200, "application/json", '{"status": 7}'))


@turns_red("T018")
def errors_in_plain_text(app: ASGIApp) -> ASGIApp:
    """A path that does not exist is answered in plain text."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if reply.status == 404 and scope["path"].startswith("/there/"):
            reply.becomes(404, "text/plain", "Not Found")

    return spoilt(app, spoil)


@turns_red("T018")
def stack_trace_shown(app: ASGIApp) -> ASGIApp:
    """An error shows where in the code it came from."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if reply.status == 405:
            reply.says(405, detail='Traceback (most recent call last):\n  File "/app/main.py", line 1')

    return spoilt(app, spoil)


@turns_red("T018")
def bodies_of_any_size(app: ASGIApp) -> ASGIApp:
    """A body of many megabytes is read and not refused."""
    from app import factory
    from app.edge.limits import Limits

    replace(factory, "Limits", functools.partial(Limits, body=1_000_000_000))
    return app


@turns_red("T021")
def anybodys_tasks_readable(app: ASGIApp) -> ASGIApp:
    """Whoever knows its id reads another user's task (IDOR)."""
    from sqlalchemy import Connection, select

    from app.data import tables, tasks

    def read(connection: Connection, _owner: UUID, task_id: UUID, **options: Any) -> tasks.TaskRow:
        owner = connection.scalar(select(tables.tasks.c.owner_id).where(tables.tasks.c.id == task_id))
        return tasks.read(connection, owner or _owner, task_id, **options)

    return _with_tasks(app, read=read)


@turns_red("T021")
def changes_ignored(app: ASGIApp) -> ASGIApp:
    """A PATCH is answered with 200 and changes nothing."""
    from app.data import tasks

    def change(connection: Any, owner_id: UUID, task_id: UUID, _fields: object, **options: Any) -> tasks.TaskRow:
        return tasks.read(connection, owner_id, task_id, **options)

    return _with_tasks(app, change=change)


@turns_red("T021")
def deleted_tasks_readable(app: ASGIApp) -> ASGIApp:
    """A task that was deleted can still be read."""
    from app.data import tasks
    from app.data.errors import Missing

    bin_: dict[tuple[UUID, UUID], tasks.TaskRow] = {}

    def remove(connection: Any, owner_id: UUID, task_id: UUID, **options: Any) -> None:
        row = tasks.read(connection, owner_id, task_id)
        tasks.remove(connection, owner_id, task_id, **options)
        bin_[owner_id, task_id] = row

    def read(connection: Any, owner_id: UUID, task_id: UUID, **options: Any) -> tasks.TaskRow:
        try:
            return tasks.read(connection, owner_id, task_id, **options)
        except Missing:
            if (owner_id, task_id) in bin_:
                return bin_[owner_id, task_id]
            raise

    return _with_tasks(app, read=read, remove=remove)


@turns_red("T021")
def one_list_for_all(app: ASGIApp) -> ASGIApp:
    """A cache answers everybody with the list that was asked for first."""
    cached: list[bytes] = []

    def spoil(scope: Scope, reply: Reply) -> None:
        if scope["method"] == "GET" and scope["path"] == TASKS and reply.status == 200:
            cached.append(reply.body)
            reply.body = cached[0]

    return spoilt(app, spoil)


@turns_red("T022")
def operation_open_to_strangers(app: ASGIApp) -> ASGIApp:
    """One operation answers without a token."""
    return spoilt_at(
        app,
        f"{TASKS}/export",
        401,
        lambda reply: reply.becomes(200, "application/json", '{"format": "task-service/1", "tasks": []}'),
    )


@turns_red("T022")
def bad_body_crashes(app: ASGIApp) -> ASGIApp:
    """One operation answers 500 to a body that is not valid."""
    return spoilt_at(app, f"{TASKS}/bulk/complete", 422, lambda reply: reply.says(500, detail="The server failed"))


@turns_red("T022")
def refusal_without_words(app: ASGIApp) -> ASGIApp:
    """One operation refuses strangers with an empty answer."""
    return spoilt_at(app, f"{TASKS}/bulk/delete", 401, lambda reply: reply.becomes(401, "text/plain", ""))


@turns_red("T022")
def nothing_is_missing(app: ASGIApp) -> ASGIApp:
    """Reading what never was is answered with 500."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if scope["path"].startswith(f"{TASKS}/00000000-") and reply.status == 404:
            reply.says(500, detail="The server failed")

    return spoilt(app, spoil)


def _with_tasks(app: ASGIApp, **worse: object) -> ASGIApp:
    """The routes get another room of tasks; what that room itself does stays as it is."""
    from app.api import tasks as routes
    from app.data import tasks

    honest = {"add": tasks.add, "read": tasks.read, "change": tasks.change, "remove": tasks.remove}
    replace(routes, "tasks", SimpleNamespace(**honest | worse))
    return app
