"""credentials: which login a command would use, told before anything is asked of the Hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.config import Target
from deploy.errors import TokenRejected
from deploy.settings import given_token
from deploy.space.token import find_token, login_source


@dataclass(frozen=True, kw_only=True)
class Login:
    """`source` says where the login comes from; None: there is none."""

    target: Target
    source: str | None

    def document(self) -> dict[str, object]:
        return {
            "target": self.target.name,
            "space": self.target.space,
            "found": self.source is not None,
            "source": self.source,
        }

    def text(self) -> str:
        if self.source:
            return f"{self.target.name} ({self.target.space}): {self.source}"
        unset = f"neither HF_OIDC_RESOURCE nor {self.target.token_variable} is set"
        return f"There is no login for {self.target.name}: {unset}."


def find_login(target: Target, root: Path, env: Mapping[str, str]) -> Login:
    """The login of a target, by its presence alone. Raises ConfigError for .env files with bad lines."""
    return Login(target=target, source=_source(target, root, env))


def _source(target: Target, root: Path, env: Mapping[str, str]) -> str | None:
    match login_source(given_token(target, root, env), env, is_local=target.is_local):
        case "keyless":
            return f"keyless, for {env['HF_OIDC_RESOURCE']}"
        case "given":
            return f"the token in {target.token_variable}"
        case "local":
            return "the local Hub's own token"
    try:
        find_token(None, target.token_variable, env)
    except TokenRejected:
        return None
    return "the token that `hf` uses"
