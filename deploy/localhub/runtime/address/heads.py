"""Heads of HTTP/1 messages: the first line and the fields, kept byte for byte where nothing is changed (RFC 9112)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

END = b"\r\n\r\n"


@dataclass(frozen=True)
class Head:
    """`first` is the request line or the status line."""

    first: bytes
    fields: tuple[tuple[bytes, bytes], ...]

    @classmethod
    def parse(cls, raw: bytes) -> Head:
        """From the bytes up to and with the empty line. Raises ValueError when that is not a head."""
        first, *lines = raw.removesuffix(END).split(b"\r\n")
        fields = []
        for line in lines:
            name, colon, value = line.partition(b":")
            # A blank before the colon, or a folded line, is read differently by different servers.
            if not colon or not name or name != name.strip():
                raise ValueError(f"not a header field: {line[:80]!r}")
            fields.append((name, value.strip()))
        if len(first.split(b" ")) < 2:
            raise ValueError(f"not a first line: {first[:80]!r}")
        return cls(first, tuple(fields))

    def get(self, name: str) -> str:
        """The field's value, empty when it is not there; several are joined by commas."""
        return ", ".join(self.all(name))

    def all(self, name: str) -> tuple[str, ...]:
        """The values of every field of that name."""
        wanted = name.lower().encode()
        return tuple(value.decode("latin-1") for key, value in self.fields if key.lower() == wanted)

    def having(self, changes: Mapping[str, str | None]) -> Head:
        """The head with these fields in place of any of the same name; None takes them away."""
        gone = {name.lower().encode() for name in changes}
        kept = [field for field in self.fields if field[0].lower() not in gone]
        new = [(name.encode(), value.encode("latin-1")) for name, value in changes.items() if value is not None]
        return Head(self.first, (*kept, *new))

    def adding(self, name: str, value: str) -> Head:
        """The head with one more field, whatever others of that name there are."""
        return Head(self.first, (*self.fields, (name.encode(), value.encode("latin-1"))))

    def to(self, target: bytes) -> Head:
        """The request, for another target."""
        method, _, *version = self.first.split(b" ", 2)
        return Head(b" ".join([method, target, *version]), self.fields)

    def encode(self) -> bytes:
        return b"\r\n".join([self.first, *(name + b": " + value for name, value in self.fields)]) + END

    @property
    def target(self) -> bytes:
        """Of a request: path and query, or the whole address (RFC 9112, section 3.2)."""
        return self.first.split(b" ", 2)[1]

    @property
    def status(self) -> int:
        """Of a response. Raises ValueError when the first line is not a status line."""
        version, code = self.first.split(b" ")[:2]
        if not version.startswith(b"HTTP/1."):
            raise ValueError(f"not a status line: {self.first[:80]!r}")
        return int(code)
