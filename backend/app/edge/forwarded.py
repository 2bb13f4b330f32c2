"""Who asks, and by which scheme, when proxies stand in front of the server."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from starlette.types import Scope

LONG = 200
"""Bytes; nobody fills the memory with lists that were read before."""


def apply(scope: Scope, *, hops: int) -> None:
    """Replaces `client` and `scheme` of a scope by what the outermost of `hops` proxies of ours saw.

    Each proxy adds the address it was called from at the end of X-Forwarded-For; what stands before the entries of
    our own proxies was written by whoever called, who may write anything. So entries are counted from the right,
    where uvicorn with `--forwarded-allow-ips='*'` takes the first. An entry that is no address changes nothing.
    """
    if not hops:
        return
    client, scheme = _entries(scope["headers"])
    if client and (address := _client(client, hops) if len(client) < LONG else _address(_seen(client, hops))):
        scope["client"] = (address, 0)
    if scheme and (seen := _seen(scheme, hops)) in {"http", "https"}:
        scope["scheme"] = seen


def _entries(headers: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    client = scheme = b""
    for name, value in headers:
        if name == b"x-forwarded-for":
            client = client + b"," + value if client else value
        elif name == b"x-forwarded-proto":
            scheme = scheme + b"," + value if scheme else value
    return client, scheme


@lru_cache(maxsize=2048)
def _client(entries: bytes, hops: int) -> str:
    return _address(_seen(entries, hops))


def _seen(entries: bytes, hops: int) -> str:
    """A proxy that replaces the header leaves fewer entries than there are proxies: then the first is its own."""
    if b"," not in entries:
        return entries.decode("latin-1").strip()
    found = entries.decode("latin-1").split(",")
    return found[-min(hops, len(found))].strip()


def _address(entry: str) -> str:
    """Without port and brackets; empty for what is no address."""
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        return str(ipaddress.ip_address(entry))
    except ValueError:
        return ""
