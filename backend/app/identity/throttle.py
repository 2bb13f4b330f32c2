"""How often one may try: counted in this process, or in a Redis server that all replicas share."""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar, cast

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

REDIS_TIMEOUT_S = 1.0
REDIS_PAUSE_S = 10.0
_SITE_BITS = 64  # what one place is given of IPv6 at least (RFC 7421): it may try from any address in it

T = TypeVar("T")
Rates = Sequence[RateLimitItem]

logger = logging.getLogger(__name__)


class Throttle:
    """Counts what somebody does against the rates for it. A window begins with the first of its hits.

    While Redis does not answer, this process counts by itself, and Redis is asked again every REDIS_PAUSE_S seconds:
    nobody is refused, and nobody has to wait, because of it.
    """

    def __init__(
        self,
        rates: Mapping[str, Rates],
        *,
        redis: str | None = None,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = rates
        self._now = now
        self._clock = clock
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = _Shared(redis) if redis else None
        self._shared_again = -math.inf
        self._alone = False

    async def hit(self, what: str, who: str) -> int:
        """Counts one attempt. The seconds after which the next makes sense, at least 1, when this is one too many;
        else 0. Attempts that are refused do not count."""
        return await self._ask(lambda limiter: self._hit(limiter, self._rates[what], _key(what, who)))

    async def forget(self, what: str, who: str) -> None:
        """As if there had been no attempt."""
        rates, key = self._rates[what], _key(what, who)

        async def forget(limiter: FixedWindowRateLimiter) -> None:
            for rate in rates:
                await limiter.clear(rate, key)

        await self._ask(forget)

    async def close(self) -> None:
        if self._shared:
            await self._shared.close()

    async def _hit(self, limiter: FixedWindowRateLimiter, rates: Rates, key: str) -> int:
        over = [rate for rate in rates if not await limiter.test(rate, key)]
        if not over:
            over = [rate for rate in rates if not await limiter.hit(rate, key)]
        resets = [(await limiter.get_window_stats(rate, key)).reset_time for rate in over]
        return max([1, *(math.ceil(reset - self._now()) for reset in resets)]) if over else 0

    async def _ask(self, question: Callable[[FixedWindowRateLimiter], Awaitable[T]]) -> T:
        if self._shared and self._clock() >= self._shared_again:
            try:
                answer = await question(self._shared.limiter)
            except StorageError as error:
                self._shared_again = self._clock() + REDIS_PAUSE_S
                self._tell(alone=True, why=type(error.storage_error).__name__)
            else:
                self._tell(alone=False)
                return answer
        return await question(self._own)

    def _tell(self, *, alone: bool, why: str = "") -> None:
        """Once when it goes and once when it is back."""
        if alone and not self._alone:
            logger.warning("RATE_LIMIT_STORAGE does not answer, each replica counts by itself: %s", why)
        if self._alone and not alone:
            logger.info("RATE_LIMIT_STORAGE answers again")
        self._alone = alone


class _Shared:
    """The limiter in Redis, and the connections to it."""

    def __init__(self, address: str) -> None:
        from redis.asyncio import ConnectionPool  # a tenth of a second that most starts can do without
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        wait = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
        self._pool = ConnectionPool.from_url(address, retry=Retry(NoBackoff(), 1), **wait)
        options: Any = {"implementation": "redispy", "wrap_exceptions": True, "connection_pool": self._pool}
        self.limiter = FixedWindowRateLimiter(cast(Storage, storage_from_string(f"async+{address}", **options)))

    async def close(self) -> None:
        await self._pool.disconnect()


def site(host: str | None) -> str:
    """Whose address it is: an IPv4 address, or the /64 network of an IPv6 address; else the text itself."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "nowhere"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(address), _SITE_BITS), strict=False))
        return str(address.ipv4_mapped)
    return str(address)


def _key(what: str, who: str) -> str:
    """Names are neither kept in clear nor of any length in a storage that others may read."""
    return f"{what}-{blake2b(who.encode(errors='surrogatepass'), digest_size=16).hexdigest()}"
