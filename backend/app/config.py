"""Settings, read once from the environment and never changed afterwards."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from limits import RateLimitItem
from pydantic import (
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
from sqlalchemy import URL

from app import setting_kinds, signing_keys

Slot = Literal["A", "B"]
Rates = Annotated[tuple[InstanceOf[RateLimitItem], ...], BeforeValidator(setting_kinds.rates)]

logger = logging.getLogger(__name__)


class SettingsError(SystemExit):
    """The app cannot start with this environment.

    It is an exit, so that a server that imports the app shows one line for each variable and no traceback.
    """


class Settings(BaseModel):
    """The environment the app runs with; each field is the variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True, alias_generator=str.upper)

    jwt_active: Slot = "A"
    jwt_key_a: SecretStr | None = Field(default=None, validate_default=True)
    jwt_key_b: SecretStr | None = Field(default=None, validate_default=True)
    access_token_minutes: int = Field(default=30, ge=1, le=24 * 60)
    refresh_token_days: int = Field(default=30, ge=1, le=365)
    database_url: Annotated[InstanceOf[URL], BeforeValidator(setting_kinds.database_url)] | None = None
    database_wait: int = Field(default=30, ge=0, le=600)
    data_dir: Path | None = None
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(setting_kinds.origins)] = ()
    login_rate: Rates = Field(default="30/minute;100/hour", validate_default=True)
    register_rate: Rates = Field(default="20/hour;60/day", validate_default=True)
    rate_limit_storage: Annotated[SecretStr, BeforeValidator(setting_kinds.shared_storage)] | None = None
    metrics_token: Annotated[SecretStr, BeforeValidator(setting_kinds.token)] | None = None
    forwarded_hops: int = Field(default=1, ge=0, le=10)
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = "info"

    @field_validator("jwt_key_a", "jwt_key_b")
    @classmethod
    def _is_fit_to_sign(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        signs = info.field_name == _field_of(info.data.get("jwt_active", ""))
        fault = signing_keys.fault(key.get_secret_value() if key else "") if key or signs else None
        if fault is None and key is not None and key == info.data.get("jwt_key_a"):
            fault = "is the same as JWT_KEY_A: a slot is there for another key"
        if fault:
            raise PydanticCustomError("unfit_key", "{fault}", {"fault": fault})
        return key

    @property
    def signing_keys(self) -> dict[str, str]:
        """The keys by slot; tokens of every slot verify, those of the active one are issued."""
        slots = {"A": self.jwt_key_a, "B": self.jwt_key_b}
        return {slot: key.get_secret_value() for slot, key in slots.items() if key is not None}


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`, where an empty variable counts as one that is not set.

    With `APP_ENV=development` an active key that is missing or unfit is replaced by one that lives as long as the
    process. Raises SettingsError naming every variable that is wrong, and no value.
    """
    values = {name: value for name, value in environ.items() if value}
    if values.get("APP_ENV") == "development":
        values |= _makeshift_key(values)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = [f"cannot start: {str(problem['loc'][0]).upper()} {problem['msg']}" for problem in error.errors()]
        raise SettingsError("\n".join(lines)) from None


def _makeshift_key(values: Mapping[str, str]) -> dict[str, str]:
    name = _field_of(values.get("JWT_ACTIVE", "A")).upper()
    if signing_keys.fault(values.get(name, "")) is None:
        return {}
    logger.warning("%s: development makes do with a key that lasts as long as this process", name)
    return {name: secrets.token_urlsafe(signing_keys.MIN_BYTES)}


def _field_of(slot: str) -> str:
    return f"jwt_key_{slot.lower()}"
