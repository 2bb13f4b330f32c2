"""Requirement files as pip reads them: pip's own reader of files is the judge."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pip._internal.exceptions import PipError
from pip._internal.req.req_file import parse_requirements, preprocess

from deploy.requirements.lines import Line, decoded, parse_lines, read_file, read_requirements, without_passwords
from deploy.requirements.markers import image_environment

ENDS = st.sampled_from(["\n", "\r\n", "\\\n", " \\\n", "\\ \n", "\\\\\n", "\\\r\n", "\x0c", "\u2028", ""])
PIECES = st.sampled_from(
    [
        *("flask", "a==1", "b[x]>=2,<3", "# via a", " # x", "#x", "a#b", "  ", "\t", "\\", "; sys_platform == 'linux'"),
        *("--hash=sha256:" + "0" * 64, "-r other.txt", "-c=bounds.txt", "-e .", "-e git+https://h/x#egg=y", "./here"),
        *("https://h/pkg-1.0-py3-none-any.whl", "n @ https://h/n.zip", "--pre", "--index-url https://h/", "two words"),
    ]
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", "  "]), ENDS).map("".join), max_size=12).map("".join)


def read(files: Mapping[str, str | bytes], path: str = "requirements.txt") -> list[Line]:
    encoded = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return list(read_requirements(path, encoded.get))


def names(files: Mapping[str, str | bytes]) -> list[str]:
    return [line.name for line in read(files) if line.installs]


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_lines_are_joined_and_numbered_as_pip_does(text: str) -> None:
    assert [(line.line, line.text) for line in parse_lines(text)] == list(preprocess(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flask \\ \nuvicorn==1", [(1, "flask \\"), (2, "uvicorn==1")]),
        ("a==1 # x\\\nb==2", [(1, "a==1")]),
        ("a==1 \\\n  # via b\n", [(1, "a==1")]),
        ("one \\\n  two # and\n# three\nfour\\", [(1, "one   two"), (4, "four")]),
    ],
)
def test_a_backslash_and_a_comment(text: str, expected: list[tuple[int, str]]) -> None:
    assert [(line.line, line.text) for line in parse_lines(text)] == expected


FIRST = st.sampled_from(["", "-r other.txt\n", "-c bounds.txt\n", "-r other.txt\n-c bounds.txt\n"])
FILES = st.fixed_dictionaries(
    {"requirements.txt": st.tuples(FIRST, TEXTS).map("".join), "other.txt": TEXTS, "bounds.txt": TEXTS}
)
Read = list[tuple[str, int, str, bool]]


def by_pip(folder: Path) -> Read | None:
    """File, line, requirement and whether it only bounds; None when pip stops."""
    found: Read = []
    try:
        for item in parse_requirements(str(folder / "requirements.txt"), session=None):  # type: ignore[arg-type]
            number, _, file = str(item.line_source).removeprefix("line ").partition(" of ")
            found.append((os.path.relpath(file, folder), int(number), item.requirement.strip(), item.constraint))
    except PipError:
        return None
    return found


@given(FILES)
@settings(max_examples=100, deadline=None)
def test_files_and_what_they_include_are_read_as_by_pip(files: Mapping[str, str]) -> None:
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_bytes(text.encode())
        expected = by_pip(Path(folder))
        lines = list(read_requirements(f"{folder}/requirements.txt", read_file))
        found = [
            (os.path.relpath(line.file, folder), line.line, _wanted(line), line.constraint)
            for line in lines
            if line.kind in {"package", "address", "invalid"}
        ]
    if expected is None:
        assert any(line.kind == "include" or line.why for line in lines)
    else:
        # pip reads a file again for each file that includes it.
        assert sorted(set(found)) == sorted(set(expected))


def _wanted(line: Line) -> str:
    before, option, _ = line.text.partition(" -")
    return line.address if line.kind == "address" else before.rstrip() if option else line.text


def test_a_file_as_pip_compile_writes_it() -> None:
    pinned = f"FastAPI==0.115.0 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n    # via -r x\n"
    first, second = read({"requirements.txt": f"# by pip-compile\n{pinned}PyJWT[crypto]==2.9.0\n"})
    assert (first.name, first.pin, first.line) == ("fastapi", "0.115.0", 2)
    assert first.hashes == (f"sha256:{'a' * 64}", f"sha256:{'b' * 64}")
    assert (second.name, second.extras, second.line, second.hashes) == ("pyjwt", frozenset({"crypto"}), 6, ())


def test_forms_that_people_write() -> None:
    text = (
        "--index-url https://example.org\n-c constraints.txt\nuvicorn[standard] >= 0.30, <1  # server\n\n"
        "git+https://example.org/owner/my-lib.git@v1\nhttps://example.org/pkg-1.0-py3-none-any.whl\n"
        "name @ https://example.org/name.zip\n-e git+https://example.org/x#egg=editable_lib\n./local\n"
        "old==1 --global-option=x\n"
    )
    expected = ["uvicorn", "my-lib", "pkg", "name", "editable-lib", "local", "old"]
    assert names({"requirements.txt": text}) == expected
    local = [line.name for line in read({"requirements.txt": text}) if line.is_local]
    assert local == ["editable-lib", "local"]


def test_constraints_install_nothing() -> None:
    files = {"requirements.txt": "-c bounds.txt\na\n", "bounds.txt": "b==1\n"}
    assert [(line.name, line.constraint) for line in read(files)] == [("b", True), ("a", False)]
    assert names(files) == ["a"]


def test_a_file_that_two_others_include_is_read_once() -> None:
    deep = {f"{n}.txt": f"-r {n + 1}.txt\n-r {n + 1}.txt\n" for n in range(40)} | {"40.txt": "a\n"}
    assert names({**deep, "requirements.txt": "-r 0.txt"}) == ["a"]


def test_a_file_that_includes_itself_stops_pip_at_that_line() -> None:
    files = {"requirements.txt": "-r base/one.txt\nb\n", "base/one.txt": "a\n-r ../requirements.txt\n"}
    assert [(line.file, line.line) for line in read(files) if line.kind == "invalid"] == [("base/one.txt", 2)]
    assert names(files) == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_files_with_a_byte_order_mark(encoding: str) -> None:
    assert names({"requirements.txt": "fastapi\r\nuvicorn\r\n".encode(encoding)}) == ["fastapi", "uvicorn"]


def test_files_that_say_their_encoding() -> None:
    assert decoded("# coding: latin-1\n# für\n".encode("latin-1")).endswith("für\n")


@pytest.mark.parametrize("content", ["# für".encode("latin-1"), b"# coding: nonsense\n", b"\xff\xfea"])
def test_files_that_are_no_text(content: bytes) -> None:
    [line] = read({"requirements.txt": b"\n" + content if content.startswith(b"# f") else content})
    assert (line.kind, line.line, line.why.startswith("it is not text")) == ("invalid", 1, True)


def test_markers_are_those_of_the_image() -> None:
    text = "a; sys_platform == 'win32'\nb; python_version < '3.11'\nc; sys_platform == 'linux'\nd\n"
    found = [line.applies(image_environment("3.13")) for line in read({"requirements.txt": text})]
    assert found == [False, False, True, True]


@pytest.mark.parametrize(
    "line",
    ["two words", "=1", "a; sys_platform ~= 'linux'", "a; " + "(" * 5000, "a\x00b", "thing==not-a-version", "flask \\"],
)
def test_lines_at_which_every_pip_stops(line: str) -> None:
    assert [found.kind for found in read({"requirements.txt": f"ok\n{line} \n"})] == ["package", "invalid"]


def test_an_option_that_this_pip_does_not_know_is_not_held_against_the_line(capfd: pytest.CaptureFixture[str]) -> None:
    bare, package = read({"requirements.txt": "--bogus\na==1 --hash=md5:00\n"})
    assert (bare.kind, package.kind, package.pin, package.hashes) == ("option", "package", "1", ())
    assert "no such option" in bare.why
    assert "sha256" in package.why
    assert capfd.readouterr() == ("", "")


def test_no_variable_of_this_machine_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hidden")
    [line] = read({"requirements.txt": "git+https://${TOKEN}@example.org/owner/lib.git\n"})
    assert "hidden" not in line.text + line.address
    assert line.name == "lib"


def test_a_password_in_an_address_is_not_shown() -> None:
    assert without_passwords("-i https://me:pass@example.org/simple") == "-i https://***@example.org/simple"


def test_what_only_looks_like_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("folder", "pipe", "link"):
        assert read_file(str(tmp_path / name)) is None


def test_files_that_include_each_other_without_end_stop_pip() -> None:
    chain = {f"{n}.txt": f"-r {n + 1}.txt\n" for n in range(2000)}
    assert [line.kind for line in read({**chain, "requirements.txt": "-r 0.txt\n"})] == ["invalid"]
