"""Accounts and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import Input, Output

BEARER: Literal["bearer"] = "bearer"

Username = Annotated[
    str, StringConstraints(to_lower=True, min_length=3, max_length=254, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$")
]
Password = Annotated[str, StringConstraints(min_length=12, max_length=128)]


class Registration(Input):
    username: Username
    password: Password


class PasswordChange(Input):
    current_password: Annotated[str, Field(max_length=128)]
    new_password: Password


class AccountRemoval(Input):
    password: Annotated[str, Field(max_length=128)]


class RefreshToken(Input):
    refresh_token: Annotated[str, Field(max_length=2_000)]


class UserRead(Output):
    id: UUID
    username: str
    created_at: datetime


class Token(Output):
    """An OAuth2 token response (RFC 6749, section 5.1); both lifetimes are in seconds."""

    access_token: str
    token_type: Literal["bearer"] = BEARER
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
