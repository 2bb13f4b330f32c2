"""Accounts and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, LiteralString
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from app.identity.passwords import COMMON, LONGEST
from app.schemas.base import Input, Output

BEARER: Literal["bearer"] = "bearer"

USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$"
LONGEST_USERNAME = 254
NOT_THE_NAME: LiteralString = "is the username"


def _uncommon(password: str) -> str:
    if password.lower() in COMMON:
        raise PydanticCustomError("password_common", "is among the passwords that are tried first")
    return password


Username = Annotated[str, StringConstraints(to_lower=True, min_length=3, max_length=LONGEST_USERNAME, pattern=USERNAME)]
Password = Annotated[
    str,
    StringConstraints(min_length=12, max_length=LONGEST),
    AfterValidator(_uncommon),
    WithJsonSchema({"type": "string", "minLength": 12, "maxLength": LONGEST, "not": {"enum": sorted(COMMON)}}),
]


class Registration(Input):
    username: Username
    password: Password

    @field_validator("password")
    @classmethod
    def _is_not_the_name(cls, password: str, info: ValidationInfo) -> str:
        if password.lower() == info.data.get("username"):
            raise PydanticCustomError("password_name", NOT_THE_NAME)
        return password


class PasswordChange(Input):
    current_password: Annotated[str, Field(max_length=LONGEST)]
    new_password: Password


class AccountRemoval(Input):
    password: Annotated[str, Field(max_length=LONGEST)]


class PasswordGrant(BaseModel):
    """The form with which /docs and OAuth2 clients log in (RFC 6749, 4.3.2). What else they send is not looked at."""

    grant_type: Literal["password"] = "password"
    username: Annotated[str, StringConstraints(min_length=1)]
    password: Annotated[str, StringConstraints(min_length=1), Field(json_schema_extra={"format": "password"})]


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
