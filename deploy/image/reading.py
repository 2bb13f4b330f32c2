"""One pass over a saved image: which of its parts hold a value, and what its documents say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.image.archive import CHUNK, Save, Unreadable, members
from deploy.image.traces import Traces

_MOST_JSON = 16 * CHUNK
"""Bytes of a document of the image that is read as one; a configuration has some thousand."""


@dataclass(kw_only=True)
class Seen:
    """By their name in the archive: `parts` are all there are, `marked` hold a value, `documents` are JSON."""

    parts: set[str] = field(default_factory=set)
    marked: dict[str, frozenset[str]] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    size: int = 0

    @property
    def _manifest(self) -> Mapping[str, Any]:
        found = self.documents.get("manifest.json")
        first = found[0] if isinstance(found, list) and found else None
        return first if isinstance(first, Mapping) else {}

    @property
    def layers(self) -> tuple[str, ...]:
        """The parts that are layers, lowest first."""
        named = self._manifest.get("Layers")
        return tuple(map(str, named)) if isinstance(named, list) else ()

    @property
    def configuration(self) -> str:
        return str(self._manifest.get("Config", ""))

    def step(self, layer: int) -> str:
        """The step of the Dockerfile that made a layer; "" when the history does not tell."""
        history = (self.documents.get(self.configuration) or {}).get("history") or ()
        made = [str(step.get("created_by", "")) for step in history if not step.get("empty_layer")]
        return made[layer] if len(made) == len(self.layers) else ""


def look(save: Save, traces: Traces, seen: Seen) -> None:
    """Reads a saved image once, from end to end, into `seen`. Raises Unreadable, also for one that lacks a layer."""
    with members(save) as parts:
        for name, chunks in parts:
            seen.parts.add(name)
            kept: list[bytes] = []
            if found := traces.along(_noted(chunks, seen, kept)):
                seen.marked[name] = found
            if kept and (document := _parsed(b"".join(kept))) is not None:
                seen.documents[name] = document
    if not seen.layers or not seen.parts.issuperset(seen.layers):
        raise Unreadable("the image, as the engine saves it, lacks layers")


def _noted(chunks: Iterator[bytes], seen: Seen, kept: list[bytes]) -> Iterator[bytes]:
    """The chunks as they come, counted; those of what may be JSON are kept."""
    size = 0
    for chunk in chunks:
        if (not size and chunk[:1] in {b"{", b"["}) or (kept and size < _MOST_JSON):
            kept.append(chunk)
        size += len(chunk)
        yield chunk
    seen.size += size


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
