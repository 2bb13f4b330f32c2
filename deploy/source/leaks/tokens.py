"""Credentials that show what they are: tokens of known services, private keys, passwords in addresses.

Shapes of many services come from detect-secrets, whose detectors only match here; nothing is asked of
any service. Those it does not know, or knows in part, are listed below.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from deploy.source.leaks.values import looks_random, worth

Kind = Literal["token", "jwt", "private key", "address"]

_DETECTORS: tuple[type[RegexBasedDetector], ...] = (
    *(AWSKeyDetector, AzureStorageKeyDetector, DiscordBotTokenDetector, GitLabTokenDetector, MailchimpDetector),
    *(NpmDetector, OpenAIDetector, PypiTokenDetector, SendGridDetector, SlackDetector, SquareOAuthDetector),
    TwilioKeyDetector,
)
_SHAPES = {
    "Anthropic API key": r"sk-ant-[a-z0-9]+-[\w-]{80,}",
    "Cloudflare API token": r"cfut_[A-Za-z0-9]{40,}",
    "Docker Hub token": r"dckr_(?:pat|oat)_[\w-]{27,}",
    "GitHub token": r"gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "Google API key": r"AIza[\w-]{35}",
    "Groq API key": r"gsk_[A-Za-z0-9]{52}",
    "Hugging Face token": r"hf_(?:[A-Za-z0-9]{34}|(?:jwt|oauth)_eyJ[\w-]+\.[\w-]+\.[\w-]+)|api_org_[A-Za-z]{34}",
    "LangSmith API key": r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}",
    "NVIDIA API key": r"nvapi-[\w-]{60,}",
    "OpenAI API key": r"sk-(?:proj|svcacct|admin)-[\w-]{40,}",
    "OpenRouter API key": r"sk-or-v1-[a-f0-9]{64}",
    "Perplexity API key": r"pplx-[A-Za-z0-9]{40,}",
    "Pinecone API key": r"pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{63}",
    "Replicate API token": r"r8_[A-Za-z0-9]{37}",
    "Resend API key": r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}",
    "Stripe secret key": r"[rs]k_live_[A-Za-z0-9]{24,}",
    "Supabase secret key": r"sb_secret_[\w-]{30,}",
    "Tavily API key": r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{28,}",
    "Telegram bot token": r"(?:bot)?[0-9]{8,10}:A[\w-]{34}",
    "xAI API key": r"xai-[A-Za-z0-9]{70,}",
}
_SHAPE = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    + "|".join(f"(?P<s{n}>{shape})" for n, shape in enumerate(_SHAPES.values()))
    + r")(?![\w-])"
)
_NAMES = tuple(_SHAPES)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[\"'+,]|(?:Proc-Type|DEK-Info|Version)[^\n]*)*"
    r"[A-Za-z0-9+/=]{40,}"
)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,30}://(?P<user>[^\s:/@\"'<>{}$]*):(?P<password>[^\s@/\"'<>{}$]+)@(?P<host>[A-Za-z0-9_.-]+)"
)
_NAME_PIECE = re.compile(r"[0-9]*(?:[a-z]{0,18}(?:[A-Z][a-z]{2,17})*|[A-Z]{1,18})[0-9]*")
"""`manylinux2014`, `x86`, `SequenceClassification`: one or some words, perhaps with a number."""
_SHORTEST = 20
"""Characters of a token; a group of a detector's shape that is shorter is its prefix."""
_SHA_1 = re.compile(r"[0-9a-f]{40}")
_SAMPLES = {"pass", "passwd", "pwd"}
_JWT_SAMPLE = "John Doe"
"""The name in the token that introduces every text on the subject."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """Something that opens something, and where it begins. `lasting` is false for a token that expires,
    `remote` for an address of this machine."""

    kind: Kind
    what: str
    start: int
    lasting: bool = True
    remote: bool = True


def credentials(text: str) -> Iterator[Credential]:
    """Everything in the text that is a credential by its shape, placeholders left out."""
    for match in _SHAPE.finditer(text):
        name = _NAMES[int(str(match.lastgroup)[1:])]
        if looks_random(match.group()) and not _is_name(match.group()) and not _is_sample(match.group()):
            yield Credential(kind="token", what=f"a {name}", start=match.start())
    for match in _PRIVATE_KEY.finditer(text):
        yield Credential(kind="private key", what="a private key", start=match.start())
    yield from _detected(text)
    yield from _addresses(text)
    yield from _jwts(text)


def _detected(text: str) -> Iterator[Credential]:
    for detector in _detectors():
        for match in (match for shape in detector.denylist for match in shape.finditer(text)):
            group = match.lastindex if match.lastindex and len(match[match.lastindex]) >= _SHORTEST else 0
            value, start = match[group], match.start(group)
            made_up = _is_name(value) or _is_sample(value) or _SHA_1.fullmatch(value)
            if _stands_alone(text, start, value) and not made_up:
                yield Credential(kind="token", what=f"a {detector.secret_type}", start=start)


@cache
def _detectors() -> tuple[RegexBasedDetector, ...]:
    return tuple(detector() for detector in _DETECTORS)


def _addresses(text: str) -> Iterator[Credential]:
    for match in _ADDRESS.finditer(text):
        host, password = match["host"], match["password"]
        sample = host.startswith(("example", "host", "your")) or ".example" in host or host.endswith("example.com")
        empty = password == match["user"] or worth(password) in {"placeholder", "harmless"} or password in _SAMPLES
        if not sample and not empty:
            remote = "." in host and not host.startswith("127.")
            yield Credential(kind="address", what="a password in an address", start=match.start(), remote=remote)


def _jwts(text: str) -> Iterator[Credential]:
    for value in sorted(set(JwtTokenDetector().analyze_string(text))) if "eyJ" in text else ():
        claims = _claims(value)
        if claims is not None and len(value.split(".")) == 3 and claims.get("name") != _JWT_SAMPLE:
            lasting = "exp" not in claims
            yield Credential(kind="jwt", what="a JSON Web Token", start=text.find(value), lasting=lasting)


def _claims(token: str) -> dict[str, object] | None:
    body = token.split(".")[1] if token.count(".") else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def _stands_alone(text: str, start: int, value: str) -> bool:
    """Whether the match is not a piece of something longer, such as a hash."""
    before, after = text[start - 1 : start], text[start + len(value) : start + len(value) + 1]
    return not (before.isalnum() or after.isalnum())


def _is_name(value: str) -> bool:
    """Whether it is of words and versions, as a wheel, a module or a host is called; no token is."""
    pieces = re.split(r"[^A-Za-z0-9]+", value)
    return len(pieces) > 1 and all(_NAME_PIECE.fullmatch(piece) for piece in pieces)


def _is_sample(value: str) -> bool:
    return bool(re.search(r"example|xxxx|\*\*\*|(.)\1{7,}|1234567|abcdefg", value, re.IGNORECASE))
