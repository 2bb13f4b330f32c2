"""A backend that is not ours: other paths, other fields, opaque tokens, and no page.

People are known by their addresses, log in with JSON, put a note in whole, and say DELETE when they go.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException, Request, Response, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from tests.strangers.manners import mind

MOST_LOGINS = 20

app = FastAPI(title="Notes")
mind(app)
people: dict[str, dict[str, str]] = {}
tokens: dict[str, str] = {}
notes: dict[UUID, dict[str, Any]] = {}
failures: Counter[str] = Counter()
_bearer = HTTPBearer(auto_error=False)


Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]+$", max_length=200)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignUp(Strict):
    email: Email
    passphrase: str = Field(min_length=8, max_length=200)
    full_name: str = Field(min_length=1, max_length=100)


class Credentials(Strict):
    email: Email
    passphrase: str = Field(max_length=200)


class NewPassphrase(Strict):
    old: str = Field(max_length=200)
    new: str = Field(min_length=8, max_length=200)


class Text(Strict):
    text: str = Field(min_length=1, max_length=1_000)


class Person(BaseModel):
    email: Email
    full_name: str


class Note(BaseModel):
    note_id: UUID
    text: str


class Token(BaseModel):
    access_token: str


class Problem(BaseModel):
    detail: str


def known(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    email = tokens.get(given.credentials, "") if given else ""
    if email not in people:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "who are you?", {"WWW-Authenticate": "Bearer"})
    return email


Known = Annotated[str, Depends(known)]
CLOSED: dict[int | str, dict[str, Any]] = {401: {"model": Problem}, 413: {"model": Problem}, 400: {"model": Problem}}
ABSENT: dict[int | str, dict[str, Any]] = {**CLOSED, 404: {"model": Problem}}


@app.middleware("http")
async def write_down(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """A line for each request."""
    began, request_id = time.perf_counter(), secrets.token_hex(8)
    answered = await answer(request)
    answered.headers["X-Request-ID"] = request_id
    spent = round((time.perf_counter() - began) * 1_000, 2)
    line = {"id": request_id, "verb": request.method, "code": answered.status_code, "took": spent}
    print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201
    return answered


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "well"}


@app.post("/people", status_code=201, responses={**CLOSED, 409: {"model": Problem}})
def sign_up(wanted: SignUp) -> Person:
    if wanted.email in people:
        raise HTTPException(409, "that address is taken")
    people[wanted.email] = {"passphrase": wanted.passphrase, "full_name": wanted.full_name}
    return Person(email=wanted.email, full_name=wanted.full_name)


@app.post("/sessions", responses={**CLOSED, 429: {"model": Problem}})
def come_in(given: Credentials) -> Token:
    if failures[given.email] >= MOST_LOGINS:
        raise HTTPException(429, "too many", {"Retry-After": "60"})
    if people.get(given.email, {}).get("passphrase") != given.passphrase:
        failures[given.email] += 1
        raise HTTPException(401, "no", {"WWW-Authenticate": "Bearer"})
    token = secrets.token_urlsafe(24)
    tokens[token] = given.email
    return Token(access_token=token)


@app.get("/people/me", responses=CLOSED)
def who_am_i(email: Known) -> Person:
    return Person(email=email, full_name=people[email]["full_name"])


@app.put("/people/me/passphrase", status_code=204, responses={**CLOSED, 403: {"model": Problem}})
def change_passphrase(email: Known, wanted: NewPassphrase) -> None:
    if people[email]["passphrase"] != wanted.old:
        raise HTTPException(403, "that is not the old one")
    people[email]["passphrase"] = wanted.new


@app.delete("/people/me", status_code=204, responses=CLOSED)
def go(email: Known) -> None:
    del people[email]
    for note_id in [note_id for note_id, note in notes.items() if note["of"] == email]:
        del notes[note_id]


@app.post("/notes", status_code=201, responses=CLOSED)
def write(email: Known, wanted: Text) -> Note:
    note_id = uuid4()
    notes[note_id] = {"of": email, "text": wanted.text}
    return Note(note_id=note_id, text=wanted.text)


@app.get("/notes", responses=CLOSED)
def list_notes(email: Known) -> list[Note]:
    return [Note(note_id=note_id, text=note["text"]) for note_id, note in list(notes.items()) if note["of"] == email]


def own(email: Known, note_id: UUID) -> UUID:
    if notes.get(note_id, {}).get("of") != email:
        raise HTTPException(404, "there is no such note")
    return note_id


Own = Annotated[UUID, Depends(own)]


@app.get("/notes/{note_id}", responses=ABSENT)
def read(note_id: Own) -> Note:
    return Note(note_id=note_id, text=notes[note_id]["text"])


@app.put("/notes/{note_id}", responses=ABSENT)
def rewrite(note_id: Own, wanted: Text) -> Note:
    notes[note_id]["text"] = wanted.text
    return Note(note_id=note_id, text=wanted.text)


@app.delete("/notes/{note_id}", status_code=204, responses=ABSENT)
def tear_up(note_id: Own) -> None:
    notes.pop(note_id, None)
