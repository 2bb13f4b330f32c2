"""Values that an image must not hold are found wherever they are, told by name and place, and never shown."""

from __future__ import annotations

import base64
import gzip
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from deploy.errors import SmokeFailed
from deploy.image import archive as saved_archive
from deploy.image.contents import Contents, search
from deploy.secret import Secret
from tests.unit.image.saved import Pack, SavedImage, archive, gzipped, plain

KEY = "wX3/+Zk9?v=Qm&7pL2tR8"
"""With characters that URLs, JSON and base64 each write otherwise."""
KNOWN = (("KEY", Secret(KEY)), ("OTHER", Secret("another value altogether")))


def found(image: SavedImage) -> Contents:
    contents = search(image.save, KNOWN)
    told = " ".join((contents.summary, str(contents.as_document()), *map(str, contents.leaks)))
    assert KEY not in told
    return contents


def places(image: SavedImage) -> list[str]:
    return [leak.where for leak in found(image).leaks]


def zstandard(layer: bytes) -> bytes:
    return bytes(saved_archive._zstd().compress(layer))


def test_a_clean_image_holds_nothing() -> None:
    contents = found(SavedImage(layers=[{"a": b"1"}, {"b": b"2"}], steps=["COPY a", "COPY b"]))
    assert (contents.leaks, contents.layers, contents.unreadable) == ((), 2, "")
    assert contents.searched == ("KEY", "OTHER")
    assert contents.summary.startswith("none of 2 secrets in 2 layers and the configuration, ")
    contents.require_clean()


@pytest.mark.parametrize("pack", [plain, gzip.compress, gzipped, zstandard], ids=["plain", "gzip", "members", "zstd"])
@pytest.mark.parametrize("oci", [True, False], ids=["oci", "legacy"])
def test_a_file_of_a_layer_is_named_with_its_step(pack: Pack, oci: bool) -> None:
    image = SavedImage(
        layers=[{"etc/base": b"x"}, {"app/key.txt": f"key={KEY}\n".encode()}],
        steps=["/bin/sh -c #(nop) ADD file:1 in / ", "RUN /bin/sh -c cat /run/secrets/KEY > key.txt # buildkit"],
        pack=pack,
        oci=oci,
    )
    assert places(image) == ["layer 2, `RUN cat /run/secrets/KEY > key.txt`: app/key.txt"]


def test_what_a_later_step_deletes_is_still_there() -> None:
    image = SavedImage(
        layers=[{"app/key.txt": KEY.encode()}, {"app/.wh.key.txt": b""}], steps=["COPY . .", "RUN rm key.txt"]
    )
    assert places(image) == ["layer 1, `COPY . .`: app/key.txt"]


@pytest.mark.parametrize("piece", [1, 7, 511, 4096])
def test_a_value_across_the_border_of_two_pieces_is_found(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_archive, "CHUNK", piece)
    filler = random.Random(1).randbytes(3_000)
    assert places(SavedImage(layers=[{"a": filler + KEY.encode() + filler}], piece=piece)) == ["layer 1, `COPY . .`: a"]


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(KEY.encode()).decode(),
        base64.b64encode(f"user:{KEY}!".encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
        quote(KEY, safe=""),
        f'{{"key": "{KEY}"}}',
    ],
    ids=["base64", "within-base64", "urlsafe", "url", "json"],
)
def test_common_encodings_are_found(text: str) -> None:
    assert places(SavedImage(layers=[{"a": text.encode()}])) == ["layer 1, `COPY . .`: a"]


def test_bytes_that_only_begin_like_a_value_are_no_leak() -> None:
    beginning = KEY[:-1].encode()
    assert places(SavedImage(layers=[{"a": beginning * 3}])) == []
    assert places(SavedImage(layers=[{"a": beginning * 3 + KEY.encode()}])) == ["layer 1, `COPY . .`: a"]


def test_each_file_and_each_secret_is_named() -> None:
    both = f"{KEY} another value altogether".encode()
    leaks = found(SavedImage(layers=[{"a": both, "b": KEY.encode()}])).leaks
    files = {leak.where.rpartition(": ")[2]: leak.names for leak in leaks}
    assert files == {"a": ("KEY", "OTHER"), "b": ("KEY",)}


def test_many_files_are_not_all_named() -> None:
    assert len(places(SavedImage(layers=[{str(number): KEY.encode() for number in range(50)}]))) == 5


def test_a_value_in_the_name_of_a_file_is_found_and_not_shown() -> None:
    [place] = places(SavedImage(layers=[{"app/another value altogether.txt": b""}]))
    assert place == "layer 1, `COPY . .`: app/[REDACTED].txt"


@pytest.mark.parametrize(
    ("configuration", "place"),
    [
        ({"Env": ["PATH=/bin", f"FOO={KEY}"]}, "ENV FOO"),
        ({"Labels": {"maker": "me", "key": KEY}}, "LABEL key"),
        ({"Cmd": ["serve", f"--key={KEY}"]}, "config.Cmd"),
        ({"Labels": {KEY: "x"}}, "LABEL [REDACTED]"),
    ],
)
def test_a_place_in_the_configuration_is_named(configuration: dict[str, object], place: str) -> None:
    assert places(SavedImage(configuration=configuration)) == [f"its configuration: {place}"]


def test_the_history_is_searched_and_shown_without_the_value() -> None:
    history: list[dict[str, Any]] = [
        {"created_by": f"ARG KEY={KEY}", "empty_layer": True},
        {"created_by": f"RUN |1 KEY={KEY} /bin/sh -c make # buildkit"},
    ]
    assert places(SavedImage(history=history)) == [
        "its configuration: ARG KEY=[REDACTED]",
        "its configuration: RUN |1 KEY=[REDACTED] make",
    ]


def test_a_step_that_holds_the_value_is_shown_without_it() -> None:
    image = SavedImage(layers=[{"a": KEY.encode()}], steps=[f"RUN /bin/sh -c echo {KEY} > a # buildkit"])
    assert "layer 1, `RUN echo [REDACTED] > a`: a" in places(image)


def test_a_history_that_does_not_fit_the_layers_names_no_step() -> None:
    image = SavedImage(layers=[{"a": KEY.encode()}], steps=["RUN one", "RUN two"])
    assert places(image) == ["layer 1: a"]


def test_a_document_beside_the_configuration_is_searched() -> None:
    image = SavedImage(more={"blobs/provenance": f'{{"args": {{"KEY": "{KEY}"}}}}'.encode(), "note": KEY.encode()})
    assert sorted(places(image)) == ["its archive", "its metadata: args.KEY"]


# What is not searched for --------------------------------------------------------------------------------


def test_a_short_value_is_not_searched_for_and_named() -> None:
    image = SavedImage(layers=[{"a": b"hunter2 and more"}])
    contents = search(image.save, [("PIN", Secret("hunter2")), ("EMPTY", Secret("")), *KNOWN])
    assert (contents.leaks, contents.too_short) == ((), ("EMPTY", "PIN"))


def test_of_two_values_with_one_name_each_is_searched_for() -> None:
    image = SavedImage(layers=[{"a": b"the first value"}, {"b": b"the second value"}], steps=["1", "2"])
    contents = search(image.save, [("A", Secret("the first value")), ("A", Secret("the second value"))])
    assert [leak.where for leak in contents.leaks] == ["layer 1, `1`: a", "layer 2, `2`: b"]


def test_with_nothing_to_look_for_that_is_what_it_says() -> None:
    contents = search(SavedImage().save, [])
    assert (contents.leaks, contents.searched) == ((), ())
    assert contents.summary.startswith("no secret to look for in 1 layer ")


# What cannot be read -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "why"),
    [
        (b"", "cannot be read"),
        (b"garbage" * 1000, "cannot be read"),
        (archive({"manifest.json": b"[]"}), "lacks layers"),
        (archive({"manifest.json": b"{"}), "lacks layers"),
        (archive({"layer": gzip.compress(b"x" * 9999)[:-9]}), "ended before"),
        (archive({"layer": b"\x1f\x8bgarbage"}), "cannot be read"),
        (archive({"layer": gzip.compress(b"x")[:10] + b"garbage" * 9}), "cannot be read"),
        (archive({"layer": b"\x28\xb5\x2f\xfdgarbage"}), "no zstd"),
        (archive({"layer": zstandard(b"x" * 9999)[:-4]}), "cannot be read"),
        (archive({"manifest.json": b'[{"Config": "c", "Layers": ["a"]}]', "c": b"{}"}), "lacks layers"),
        (archive({"manifest.json": b'{"Layers": 7}'}), "lacks layers"),
        (archive({"manifest.json": b"[7]"}), "lacks layers"),
    ],
    ids=[
        "empty",
        "garbage",
        "no layers",
        "no json",
        "cut short",
        "no gzip",
        "bad gzip",
        "no zstd",
        "zstd cut short",
        "layer gone",
        "other manifest",
        "odd manifest",
    ],
)
def test_what_is_no_image_is_not_taken_for_a_clean_one(whole: bytes, why: str) -> None:
    def save() -> Iterator[bytes]:
        yield whole

    contents = search(save, KNOWN)
    assert why in contents.unreadable
    assert contents.leaks == ()


def test_what_was_found_counts_although_the_rest_cannot_be_read() -> None:
    whole = archive({"layer": KEY.encode(), "other": b"\x1f\x8bgarbage"})
    contents = search(lambda: iter([whole]), KNOWN)
    assert [(leak.where, leak.names) for leak in contents.leaks] == [("it", ("KEY",))]
    assert contents.unreadable == ""


@pytest.mark.parametrize("pack", [gzip.compress, zstandard], ids=["gzip", "zstd"])
def test_a_layer_that_grows_a_thousandfold_is_held_a_piece_at_a_time(pack: Pack) -> None:
    whole = archive({"layer": pack(bytes(64 << 20))})
    assert len(whole) < 1 << 20
    with saved_archive.members(lambda: iter([whole])) as parts:
        sizes = [len(chunk) for _, chunks in parts for chunk in chunks]
    assert sum(sizes) == 64 << 20
    assert max(sizes) <= saved_archive.CHUNK


def test_a_layer_that_is_there_twice_may_be_linked_to() -> None:
    """As engines of the old store write the second of two layers that are alike."""
    image = SavedImage(layers=[{"a": KEY.encode()}, {"b": b""}], steps=["one", "two"], oci=False, linked=True)
    assert places(image) == ["layer 1, `one`: a"]


def test_zstd_that_cannot_be_read_here_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(saved_archive, "import_module", missing)
    image = SavedImage(pack=lambda layer: b"\x28\xb5\x2f\xfd" + layer)
    assert "backports.zstd is not installed" in search(image.save, KNOWN).unreadable


# How it ends ---------------------------------------------------------------------------------------------


def test_a_leak_is_one_error_with_names_places_and_what_to_do() -> None:
    with pytest.raises(SmokeFailed) as caught:
        found(SavedImage(layers=[{"a": KEY.encode()}])).require_clean()
    assert "holds the value of KEY" in caught.value.what
    assert caught.value.cause == "layer 1, `COPY . .`: a holds the value of KEY"
    assert "RUN --mount=type=secret" in str(caught.value.next_step)
    assert KEY not in str(caught.value)
