"""Passwords are kept as hashes that cost something to guess."""

from __future__ import annotations

import secrets

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

LONGEST = 128
# It takes 19 MiB and a core for some 20 ms, which is 50 logins a second. Of the two cores that the smallest Space has,
# the other one is left to whoever does not log in just now.
HASHES_AT_ONCE = 1

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

        Without a stored hash, which is an unknown user, and for what is too long to be a password, the answer is no
        after the same work.
        """
        if len(password) > LONGEST:
            password, stored = "", None
        check = self._hasher.verify_and_update
        valid, replacement = await to_thread.run_sync(check, password, stored or self._decoy, limiter=self._turns)
        return valid and stored is not None, replacement
