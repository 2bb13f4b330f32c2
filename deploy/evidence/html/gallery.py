"""Screenshots, inlined, by width; a file that would make the page too heavy is named instead."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

from deploy.evidence.html.badges import section
from deploy.evidence.html.elements import Html, element, fragment
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import size

BUDGET = 2_400_000
"""Bytes of all pictures together as base64, so that the page stays below 3 MB."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG of the evidence folder: its pixels across and down, and its base64 text."""

    path: str
    check: str
    width: int
    height: int
    data: str


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A file that the page does not hold, and why."""

    path: str
    why: str


def gallery(evidence: Evidence, folder: Path) -> Html | None:
    """None when no check left a file."""
    found = list(collected(evidence, folder))
    pictures = sorted((it for it in found if isinstance(it, Picture)), key=lambda it: (it.width, it.check, it.path))
    missing = [it for it in found if isinstance(it, Missing)]
    if not found:
        return None
    rows = (_row(width, list(group)) for width, group in groupby(pictures, key=lambda it: it.width))
    return section("Screenshots", *rows, _left_out(missing))


def collected(evidence: Evidence, folder: Path, *, budget: int = BUDGET) -> Iterator[Picture | Missing]:
    """Each file that a check names, in order, once, as long as the budget lasts."""
    named = {path: proof.check for proof in evidence.proofs for path in proof.files}
    for path, check in named.items():
        picture = _picture(path, check, folder)
        if isinstance(picture, Picture) and len(picture.data) > budget:
            yield Missing(path=path, why=f"{size(len(picture.data) * 3 // 4)} more would make this page too heavy")
            continue
        if isinstance(picture, Picture):
            budget -= len(picture.data)
        yield picture


def _picture(path: str, check: str, folder: Path) -> Picture | Missing:
    """Only what lies in the folder is read, whatever the evidence says."""
    try:
        file = (folder / path).resolve()
        if PurePosixPath(path).is_absolute() or not file.is_relative_to(folder.resolve()):
            return Missing(path=path, why="it is not in the evidence folder")
        content = file.read_bytes()
    except (OSError, ValueError):
        return Missing(path=path, why="it is not there any more")
    if not content.startswith(_SIGNATURE) or len(content) < 24:
        return Missing(path=path, why="it is no PNG picture; it lies beside evidence.json")
    width, height = struct.unpack(">II", content[16:24])
    return Picture(path=path, check=check, width=width, height=height, data=base64.b64encode(content).decode())


def _row(width: int, pictures: Sequence[Picture]) -> Html:
    room = "narrow" if width < 600 else "middle" if width < 1100 else "wide"
    return fragment(element("h3", f"{width} px"), element("div", *map(_figure, pictures), class_=f"shots {room}"))


def _figure(picture: Picture) -> Html:
    name = PurePosixPath(picture.path).stem
    return element(
        "figure",
        element(
            "img",
            src=f"data:image/png;base64,{picture.data}",
            alt=f"Screenshot {name}, {picture.width} by {picture.height} pixels",
            width=str(picture.width),
            height=str(picture.height),
        ),
        element("figcaption", name, element("small", f"{picture.check}, {picture.width} × {picture.height}")),
    )


def _left_out(missing: Sequence[Missing]) -> Html | None:
    if not missing:
        return None
    rows = (element("li", element("code", it.path), f": {it.why}") for it in missing)
    return fragment(element("h3", "Left out"), element("ul", *rows, class_="omissions"))
