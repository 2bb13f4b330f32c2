"""Known values looked for in streams of bytes, also where a value lies across the border of two chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deploy.secret import Secret, encodings

SHORTEST = 8
"""Bytes of a value that is searched for: what is shorter is found by chance in any image."""

Named = tuple[str, Secret]
"""A value under the name that it is told by; several values may have one name."""


class Traces:
    """What the values leave behind: each as it is, and in the encodings that are common in files."""

    def __init__(self, values: Iterable[Named]) -> None:
        texts = [(name, secret.reveal().strip()) for name, secret in values]
        long_enough = [(name, text) for name, text in texts if len(text.encode()) >= SHORTEST]
        forms = {(name, form.encode()) for name, text in long_enough for form in encodings(text)}
        self._forms = tuple(sorted(forms))
        self._longest = max((len(form) for _, form in self._forms), default=0)
        self.searched = tuple(sorted({name for name, _ in self._forms}))
        self.too_short = tuple(sorted({name for name, _ in set(texts) - set(long_enough)}))

    def within(self, data: bytes) -> frozenset[str]:
        """The names of the values that `data` holds."""
        return frozenset(name for name, form in self._forms if form in data)

    def along(self, chunks: Iterable[bytes]) -> frozenset[str]:
        """The names of the values that a stream holds, which is read to its end and never kept whole."""
        found: set[str] = set()
        for window in self._windows(chunks):
            found |= self.within(window)
        return frozenset(found)

    def _windows(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Each chunk with as much of what came before as a value may begin in."""
        rest = b""
        for chunk in chunks:
            window = rest + chunk
            yield window
            rest = window[-(self._longest - 1) :] if self._longest > 1 else b""
