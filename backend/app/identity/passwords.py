"""Passwords are kept as hashes that cost something to guess."""

from __future__ import annotations

import secrets

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

HASHES_AT_ONCE = 2  # each takes 19 MiB and a core for some 20 ms; more at a time only makes every one slower


class Passwords:
    """Argon2id at the setting OWASP gives for servers with little memory: 19 MiB, two passes, one lane.

    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    Few are worked on at once, in threads of their own; waiting for a turn holds neither a thread nor a connection.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHash([Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1)])
        self._decoy = self._hasher.hash(secrets.token_urlsafe())
        self._turns = CapacityLimiter(HASHES_AT_ONCE)

    async def hash(self, password: str) -> str:
        return await to_thread.run_sync(self._hasher.hash, password, limiter=self._turns)

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether `password` belongs to the `stored` hash, and the hash to store instead when that one is outdated.

        Without a stored hash, which is an unknown user, the answer is no after the same work.
        """
        check = self._hasher.verify_and_update
        valid, replacement = await to_thread.run_sync(check, password, stored or self._decoy, limiter=self._turns)
        return valid and stored is not None, replacement
