"""What the Hub's failures mean: every status and every broken answer becomes one error of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from deploy.errors import (
    Conflict,
    DeployError,
    HubBroken,
    HubRefused,
    HubUnreachable,
    NotAllowed,
    PaymentRequired,
    RateLimited,
    SpaceNotFound,
    TokenRejected,
)
from deploy.http import PROXY, Blocked, cause_of
from deploy.space.session import Page, is_page

_LONGEST_QUOTE = 300
"""Characters of the Hub's own words that a message repeats."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    error: type[DeployError]
    what: str
    cause: str
    next_step: str


_MEANINGS: Mapping[int, Meaning] = {
    401: Meaning(
        error=TokenRejected,
        what="The Hub did not accept the token (401).",
        cause="it is missing, mistyped, expired or revoked; or the Space is hidden from it",
        next_step="make a token with write access to the Space and set it as {token_variable}",
    ),
    402: Meaning(
        error=PaymentRequired,
        what="The Hub asks for a paid plan (402).",
        cause="a Docker Space needs PRO for a person, Team or Enterprise for an organisation",
        next_step="subscribe, or deploy to a Space that exists already",
    ),
    403: Meaning(
        error=NotAllowed,
        what="The token may not do this (403).",
        cause="it is read-only or limited to other repositories, or {space} belongs to someone else",
        next_step="use a token with write access to {space}, or correct `space` in deploy.toml",
    ),
    404: Meaning(
        error=SpaceNotFound,
        what="The Hub knows no {space} (404).",
        cause="it does not exist, or it is private and hidden from this token",
        next_step="compare `space` in deploy.toml with the Hub; `invoke doctor` looks at both",
    ),
    409: Meaning(
        error=Conflict,
        what="The Hub refused: it is there already, or another change is under way (409).",
        cause="someone else changed {space} at the same moment",
        next_step="run the command again",
    ),
    412: Meaning(
        error=Conflict,
        what="{space} moved on while this change was prepared (412). Nothing was committed.",
        cause="someone else committed to it",
        next_step="run the command again: it plans anew",
    ),
    413: Meaning(
        error=HubRefused,
        what="The Hub found the upload too large (413).",
        cause="a file, or all of them together, is over the Hub's limit",
        next_step="`invoke check` lists files over 10 MB; leave out what the app does not need",
    ),
    429: Meaning(
        error=RateLimited,
        what="The Hub asks for fewer requests (429), for longer than this command waits.",
        cause="the account's rate limit is used up",
        next_step="wait and run the command again",
    ),
}
_REFUSED = Meaning(
    error=HubRefused,
    what="The Hub refused the request ({status}).",
    cause="{answer}",
    next_step="mend what the Hub names; `invoke check` finds most of it beforehand",
)
_BROKEN = Meaning(
    error=HubBroken,
    what="The Hub failed ({status}), also when asked again.",
    cause="an incident on the Hub's side",
    next_step="look at the Hub's status page and run the command again later",
)


@contextmanager
def translated(space: str, token_variable: str) -> Iterator[None]:
    """Turn what the Hub's client raises into DeployErrors that name `space`."""
    try:
        yield
    except httpx2.HTTPError as error:
        response = getattr(error, "response", None)
        raise (_status(response, space, token_variable) if response is not None else _unreachable(error)) from error
    except ConnectionError as error:
        raise _unreachable(error) from error
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError, httpx2.InvalidURL) as error:
        raise _not_the_hub(error.proxy if isinstance(error, Page) else "") from error
    except ValueError as error:
        raise _refused_here(error) from error


def _status(response: httpx2.Response, space: str, token_variable: str) -> DeployError:
    if (proxy := response.extensions.get(PROXY)) and is_page(response):
        return _not_the_hub(proxy, response.status_code)
    answer = _words(response)
    meaning = _MEANINGS.get(response.status_code) or (_BROKEN if response.status_code >= 500 else _REFUSED)
    facts = {"space": space, "status": response.status_code, "answer": answer, "token_variable": token_variable}
    request_id = response.headers.get("x-request-id")
    quotes = (f"the Hub says: {answer}", f"request id: {request_id}" if request_id else "")
    return meaning.error(
        meaning.what.format(**facts),
        cause=meaning.cause.format(**facts),
        next_step=meaning.next_step.format(**facts),
        details=tuple(quote for quote in quotes if quote),
    )


def _unreachable(error: Exception) -> HubUnreachable:
    if blocked := cause_of(error, Blocked):
        return HubUnreachable("The Hub cannot be reached.", cause=str(blocked), next_step=blocked.cure)
    timed_out = any(isinstance(one, httpx2.TimeoutException) for one in (error, error.__cause__))
    return HubUnreachable(
        "The Hub did not answer in time." if timed_out else "The Hub cannot be reached, or cut the connection.",
        cause=str(error) or type(error).__name__,
        next_step="look at the network and at `hub` in deploy.toml; for the local Hub: invoke hub.status",
    )


def _not_the_hub(proxy: str = "", status: int = 200) -> HubBroken:
    """`proxy` is the one that the answer came through, "" where nobody knows of one."""
    return HubBroken(
        f"The answer ({status}) is a page, and not what a Hub gives."
        if proxy
        else "The answer is not what a Hub gives.",
        cause=f"{proxy or 'a proxy'} answers in between, or `hub` in deploy.toml points at something else",
        next_step="open the address in a browser and correct `hub` in deploy.toml"
        + (", or name its host in NO_PROXY where no proxy is needed" if proxy else ""),
    )


def _refused_here(error: ValueError) -> HubRefused:
    """huggingface_hub looks at paths, ids and the card before it sends anything."""
    return HubRefused(
        "The Hub's client refused the request before sending it.",
        cause=" ".join(str(error).split())[:_LONGEST_QUOTE],
        next_step="invoke check",
    )


def _words(response: httpx2.Response) -> str:
    """What the Hub says in its own words, from the header or the body, on one line."""
    text = response.headers.get("x-error-message", "")
    if not text:
        try:
            body = response.json()
            text = (
                str(body.get("error") or body.get("error_description") or body) if isinstance(body, dict) else str(body)
            )
        except (ValueError, httpx2.ResponseNotRead, httpx2.StreamError):
            text = response.reason_phrase
    return " ".join(text.split())[:_LONGEST_QUOTE]
