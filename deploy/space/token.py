"""Which token a command uses, and what is said when there is none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

import httpx2

from deploy.config.schema import REAL_HUB
from deploy.errors import TokenRejected
from deploy.http import Blocked, cause_of
from deploy.secret import Secret
from deploy.space.client import OIDCError, ambient_token
from deploy.space.retry import RetryPolicy

LoginSource = Literal["keyless", "given", "local", "stored"]


def login_source(given: Secret | None, env: Mapping[str, str], *, is_local: bool) -> LoginSource:
    """Where the login comes from, the first there is: a keyless exchange (HF_OIDC_RESOURCE), the token that is set,
    the local Hub's own, or what `hf auth login` has stored. Nobody is asked."""
    if env.get("HF_OIDC_RESOURCE"):
        return "keyless"
    return "given" if given else "local" if is_local else "stored"


def find_token(
    given: Secret | None,
    token_variable: str,
    env: Mapping[str, str] = os.environ,
    *,
    own: Secret | None = None,
    endpoint: str = REAL_HUB,
    retries: RetryPolicy | None = None,
) -> Secret:
    """The credential to use, by `login_source`; `own` is the local Hub's.

    Raises TokenRejected when there is none, when what is given cannot be one, or when the keyless exchange
    with the Hub at `endpoint` fails.
    """
    known = {"given": given, "local": own}.get(login_source(given, env, is_local=own is not None))
    if known:
        return _cleaned(known, token_variable)
    try:
        found = ambient_token(endpoint, retries or RetryPolicy())
    except (OIDCError, httpx2.HTTPError) as error:
        blocked = cause_of(error, Blocked)
        raise TokenRejected(
            "The keyless login with HF_OIDC_RESOURCE did not work.",
            cause=str(error).splitlines()[0],
            next_step=blocked.cure
            if blocked
            else "grant `id-token: write` to the job and register it under Trusted Publishers of the Space; "
            f"or unset HF_OIDC_RESOURCE and set {token_variable}",
        ) from error
    if not found:
        raise TokenRejected(
            f"There is no token: {token_variable} is not set.",
            cause="neither the environment, nor .env, nor `hf auth login` gives one",
            next_step=f"make a token with write access on the Hub's settings page and set it as {token_variable}",
        )
    return Secret(found)


def _cleaned(given: Secret, token_variable: str) -> Secret:
    """Without the line's end that a copied token often has; what no header may hold is refused."""
    token = given.reveal().strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise TokenRejected(
            f"What {token_variable} holds is not a token.",
            cause="there are characters in it that no token has: spaces, ends of lines, or letters beyond ASCII",
            next_step=f"copy the token again from the Hub's settings page into {token_variable}",
        )
    return Secret(token)
