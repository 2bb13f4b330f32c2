"""Settings, read once from the environment and never changed afterwards."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

MIN_KEY_BYTES = 32  # RFC 7518, section 3.2: an HS256 key is at least as long as its hash

Slot = Literal["A", "B"]

logger = logging.getLogger(__name__)


class SettingsError(SystemExit):
    """The app cannot start with this environment.

    It is an exit, so that a server that imports the app shows one line for each variable and no traceback.
    """


def _long_enough(key: SecretStr) -> SecretStr:
    length = len(key.get_secret_value().encode())
    if length == 0:
        raise PydanticCustomError("key_missing", "is missing: set it to a secret of at least 32 bytes")
    if length < MIN_KEY_BYTES:
        raise PydanticCustomError("key_short", "is too short: {length} bytes, at least 32 needed", {"length": length})
    return key


def _database_url(text: object) -> URL:
    try:
        url = make_url(str(text))
    except ArgumentError:
        raise PydanticCustomError("database_url", "is not a database address") from None
    if url.drivername in {"postgres", "postgresql"}:  # what providers of databases hand out
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"postgresql+psycopg", "sqlite"}:
        raise PydanticCustomError("database_driver", "must start with postgresql:// or sqlite://")
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise PydanticCustomError("database_file", "must name a file, such as sqlite:////data/tasks.sqlite3")
    return url


def _split(text: object) -> object:
    return text.replace(",", " ").split() if isinstance(text, str) else text


SigningKey = Annotated[SecretStr, AfterValidator(_long_enough)]


class Settings(BaseModel):
    """The environment the app runs with; each field is the variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True, alias_generator=str.upper)

    jwt_key_a: SigningKey = Field(default=SecretStr(""), validate_default=True)
    jwt_key_b: SigningKey | None = None
    jwt_active: Slot = "A"
    access_token_minutes: int = Field(default=30, ge=1, le=24 * 60)
    refresh_token_days: int = Field(default=30, ge=1, le=365)
    database_url: Annotated[InstanceOf[URL], BeforeValidator(_database_url)] | None = None
    data_dir: Path | None = None
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_split)] = ()

    @field_validator("jwt_active")
    @classmethod
    def _active_slot_holds_a_key(cls, slot: Slot, info: ValidationInfo) -> Slot:
        if slot == "B" and info.data.get("jwt_key_b", ...) is None:
            raise PydanticCustomError("slot_empty", "is B, but JWT_KEY_B is not set")
        return slot

    @property
    def signing_keys(self) -> dict[str, str]:
        """The keys by slot; tokens of every slot verify, those of the active one are issued."""
        slots = {"A": self.jwt_key_a, "B": self.jwt_key_b}
        return {slot: key.get_secret_value() for slot, key in slots.items() if key is not None}


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`, where an empty variable counts as one that is not set.

    With `APP_ENV=development` a missing or short JWT_KEY_A is replaced by one that lives as long as the process.
    Raises SettingsError naming every variable that is wrong, and no value.
    """
    values = {name: value for name, value in environ.items() if value}
    if values.get("APP_ENV") == "development" and len(values.get("JWT_KEY_A", "").encode()) < MIN_KEY_BYTES:
        logger.warning("JWT_KEY_A: development makes do with a key that lasts as long as this process")
        values["JWT_KEY_A"] = secrets.token_urlsafe(MIN_KEY_BYTES)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = [f"cannot start: {str(problem['loc'][0]).upper()} {problem['msg']}" for problem in error.errors()]
        raise SettingsError("\n".join(lines)) from None
