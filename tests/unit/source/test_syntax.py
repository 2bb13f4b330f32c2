"""Files that this Python does not parse, when the image's is a later one."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.source.python.files import SyntaxFault, parse
from deploy.source.tree import read_tree
from tests.unit.source.backends import backend
from tests.unit.source.conftest import Make


def fault(folder: Path, text: str) -> SyntaxFault | None:
    (folder / "main.py").write_text(text, encoding="utf-8")
    return parse(read_tree(folder).by_path["main.py"], (3, 99), here=(3, 11)).fault


@pytest.mark.parametrize("text", ["def broken(:\n", "x = (\n", "print 'hello'\n", "return = 1\n", "import\n"])
def test_what_no_python_reads_is_certainly_wrong(tmp_path: Path, text: str) -> None:
    found = fault(tmp_path, text)
    assert found is not None
    assert not found.newer


# None of these parses anywhere, so that the test means the same on every Python.
@pytest.mark.parametrize(
    "text",
    ["lazy import 1\n", "try:\n    pass\nexcept OSError, ValueError as e:\n    pass\n", "x = t'{__name__}' 1\n"],
)
def test_what_a_later_python_may_read_is_doubtful(tmp_path: Path, text: str) -> None:
    found = fault(tmp_path, text)
    assert found is not None
    assert found.newer


@pytest.mark.parametrize(
    "code", ["x = " + "+".join(["1"] * 20_000), "x = " + "not " * 50_000 + "1", "x = a" + ".b" * 9_000]
)
def test_what_is_too_deep_to_be_read_here_is_a_warning(project: Make, code: str) -> None:
    found = project(backend({"deep.py": f"{code}\n"})).check()
    assert [(finding.code, finding.level, finding.file) for finding in found] == [
        ("python-syntax", "warning", "backend/deep.py")
    ]


def test_a_pyproject_too_deep_to_be_read_names_nothing(project: Make) -> None:
    files = backend({"pyproject.toml": "a = " + "[" * 50_000 + "\n"})
    assert project(files).check() == ()
