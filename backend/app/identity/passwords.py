"""Passwords are kept as hashes that cost something to guess."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

T = TypeVar("T")

LONGEST = 128
# It takes 19 MiB and a core for some 20 ms, which is 50 logins a second. Of the two cores that the smallest Space has,
# the other one is left to whoever does not log in just now.
HASHES_AT_ONCE = 1
NICENESS = 10

# Of the passwords that are tried first, those that are long enough (NIST SP 800-63B, section 5.1.1.2).
COMMON = frozenset(
    (
        *("0" * 12, "1" * 12, "a" * 12, "x" * 12, "*" * 12, "123456789012", "123456789123", "1234567890123"),
        *("0123456789012", "1234567890ab", "123456789abc", "abcdefghijkl", "abcdefgh1234", "1q2w3e4r5t6y"),
        *("1qaz2wsx3edc", "qazwsxedcrfv", "qwertyuiop12", "qwertyuiop123", "qwertyuiopas", "qwerty123456"),
        *("password1234", "password12345", "passw0rd1234", "passwordpassword", "administrator", "letmeinletmein"),
    )
)


class Passwords:
    """Argon2id at the setting OWASP gives for servers with little memory: 19 MiB, two passes, one lane.

    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    Few are worked on at once, in threads of their own, and one follows the other without asking the event loop, which
    may be busy; waiting for a turn holds neither a thread nor a connection.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHash([Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1)])
        self._decoy = self._hasher.hash(secrets.token_urlsafe())
        self._threads = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="passwords", initializer=_step_back)

    async def hash(self, password: str) -> str:
        return await self._in_thread(lambda: self._hasher.hash(password))

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether `password` belongs to the `stored` hash, and the hash to store instead when that one is outdated.

        Without a stored hash, which is an unknown user, and for what is too long to be a password, the answer is no
        after the same work.
        """
        if len(password) > LONGEST:
            password, stored = "", None
        against = stored or self._decoy
        valid, replacement = await self._in_thread(lambda: self._hasher.verify_and_update(password, against))
        return valid and stored is not None, replacement

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _step_back() -> None:
    """Lets every other thread go first. Linux alone gives a thread a niceness of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
