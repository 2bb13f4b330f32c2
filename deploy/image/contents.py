"""What an image holds of values that must not be in it: every layer and its configuration, searched by value."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from deploy.errors import SmokeFailed
from deploy.image.archive import Save, Unreadable, files_of, members
from deploy.image.places import place, shown, texts
from deploy.image.reading import Seen, look
from deploy.image.traces import Named, Traces
from deploy.secret import Redactor
from deploy.wording import counted

_MOST_FILES = 5
"""Files of one layer that are named."""


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Where in the image the values of which secrets are."""

    where: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.where} holds the value of {', '.join(self.names)}"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What was found in how many `layers`, of `size` bytes with the rest, and how many `seconds` that took.

    `searched` are names of values, `too_short` names of those that would be found by chance. `unreadable` says why
    nothing could be searched.
    """

    layers: int
    size: int
    seconds: float
    leaks: tuple[Leak, ...]
    searched: tuple[str, ...]
    too_short: tuple[str, ...]
    unreadable: str = ""

    @property
    def summary(self) -> str:
        """In the words of one line."""
        if self.leaks:
            return str(self.leaks[0])
        found = f"none of {counted(len(self.searched), 'secret')}" if self.searched else "no secret to look for"
        return f"{found} in {counted(self.layers, 'layer')} and the configuration, {self.size / 1_000_000:.0f} MB"

    def require_clean(self) -> None:
        """Raises SmokeFailed that names secrets and places."""
        if not self.leaks:
            return
        names = sorted({name for leak in self.leaks for name in leak.names})
        raise SmokeFailed(
            f"The image holds the value of {', '.join(names)}. Whoever has the image can read it.",
            cause=str(self.leaks[0]),
            next_step="keep it out of every step: mount it (RUN --mount=type=secret) and write it nowhere; "
            "what a later step deletes stays in its layer",
            details=tuple(map(str, self.leaks)),
        )

    def as_document(self) -> dict[str, object]:
        """The same facts for `--json`."""
        leaks = [{"where": leak.where, "secrets": list(leak.names)} for leak in self.leaks]
        return {"leaks": leaks, "searched": list(self.searched), "not_searched": list(self.too_short)}


def search(save: Save, values: Iterable[Named]) -> Contents:
    """Look for each value in every layer, deleted files and all, and in configuration, history and labels.

    A value that is found is looked for again, to name its file.
    """
    started, known = time.monotonic(), tuple(values)
    traces, redact = Traces(known), Redactor(secret for _, secret in known)
    seen, leaks, unreadable = Seen(), tuple[Leak, ...](), ""
    try:
        look(save, traces, seen)
        leaks = (*_in_layers(save, seen, traces, redact), *_in_documents(seen, traces, redact))
    except Unreadable as reason:
        # What was found is found, also when its place can no longer be told.
        names = tuple(sorted(frozenset[str]().union(*seen.marked.values())))
        leaks, unreadable = ((Leak(where="it", names=names),), "") if names else ((), str(reason))
    return Contents(
        layers=len(seen.layers),
        size=seen.size,
        seconds=time.monotonic() - started,
        leaks=tuple(dict.fromkeys(leaks)),
        searched=traces.searched,
        too_short=traces.too_short,
        unreadable=unreadable,
    )


def _in_layers(save: Save, seen: Seen, traces: Traces, redact: Redactor) -> Iterator[Leak]:
    """Reads the image a second time, which only one with a leak is worth."""
    if not seen.marked.keys() - seen.documents.keys():
        return
    with members(save) as parts:
        for name, chunks in parts:
            if name in seen.documents or name not in seen.marked:
                continue
            where, named = "its archive", frozenset[str]()
            if name in seen.layers:
                number = seen.layers.index(name)
                step = shown(seen.step(number), redact)
                where = f"layer {number + 1}, `{step}`" if step else f"layer {number + 1}"
                for path, names in islice(_files(chunks, traces, redact), _MOST_FILES):
                    named |= names
                    yield Leak(where=f"{where}: {path}", names=tuple(sorted(names)))
            if rest := seen.marked[name] - named:
                yield Leak(where=where, names=tuple(sorted(rest)))


def _files(layer: Iterator[bytes], traces: Traces, redact: Redactor) -> Iterator[tuple[str, frozenset[str]]]:
    for entry, chunks in files_of(layer):
        found = traces.along(chunks) | traces.within(f"{entry.name}\0{entry.linkname}".encode(errors="surrogateescape"))
        if found:
            yield shown(entry.name, redact), found


def _in_documents(seen: Seen, traces: Traces, redact: Redactor) -> Iterator[Leak]:
    """Once more, decoded: JSON may write a value otherwise than it is."""
    for name, document in seen.documents.items():
        whose = "its configuration" if name == seen.configuration else "its metadata"
        named = frozenset[str]()
        for path, text in texts(document):
            if found := traces.within(text.encode(errors="surrogatepass")):
                named |= found
                yield Leak(where=f"{whose}: {shown(place(path, text), redact)}", names=tuple(sorted(found)))
        if rest := seen.marked.get(name, frozenset()) - named:
            yield Leak(where=whose, names=tuple(sorted(rest)))
