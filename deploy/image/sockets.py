"""Who listens where inside a container, from the kernel's tables (proc(5), /proc/net/tcp and tcp6)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTEN = "0A"
_DOCKER_DNS = ipaddress.ip_address("127.0.0.11")


@dataclass(frozen=True, order=True)
class Listener:
    """A listening socket; `loopback` when nothing outside the container can reach it.

    `ipv6`: its address is IPv6's, which may or may not take IPv4 as well; the tables do not say.
    """

    port: int
    loopback: bool
    ipv6: bool = False


def listeners(tables: str) -> tuple[Listener, ...]:
    """The distinct listeners in one or both tables, as text. Docker's own name server is left out."""
    return tuple(sorted(set(_rows(tables))))


def _rows(tables: str) -> Iterator[Listener]:
    for row in tables.splitlines():
        words = row.split()
        if len(words) < 4 or words[3] != _LISTEN:
            continue
        address, _, port = words[1].partition(":")
        ip = _address(address)
        if ip != _DOCKER_DNS:
            yield Listener(port=int(port, 16), loopback=ip.is_loopback, ipv6=ip.version == 6)


def _address(hexadecimal: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The kernel prints each 32-bit word of an address in the machine's byte order: little-endian here."""
    raw = bytes.fromhex(hexadecimal)
    words = [raw[start : start + 4][::-1] for start in range(0, len(raw), 4)]
    address = ipaddress.ip_address(b"".join(words))
    return getattr(address, "ipv4_mapped", None) or address
