"""Files that this Python does not parse, when the image's is a later one."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.source.python.files import SyntaxFault, parse
from deploy.source.tree import read_tree


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
