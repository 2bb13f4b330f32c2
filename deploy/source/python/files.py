"""Python files as syntax trees."""

from __future__ import annotations

import ast
import gc
import io
import re
import sys
import tokenize
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from deploy.source.tree import SourceFile

Version = tuple[int, int]
_LATER = re.compile(
    r"^\s*(async\s+)?(def|class)\s+\w+\s*\[|^\s*type\s+\w+|^\s*except\*?\s[^(:]+,|^\s*lazy\s|\b[rR]?[tT][rR]?['\"]"
)
"""What only later Pythons than 3.11 read, on the line that an older one stumbles over: type parameters and aliases
(3.12), `except` without parentheses and template strings (3.14), lazy imports (3.15). f-strings have messages of
their own."""
_TEST_FOLDERS = {"test", "tests", "testing"}


@dataclass(frozen=True, kw_only=True)
class SyntaxFault:
    """Why a file does not parse. `newer` when the image's Python is, and may know what this one does not."""

    line: int
    what: str
    newer: bool = False


@dataclass(frozen=True, kw_only=True)
class PythonFile:
    """One `.py` file: its tree, or what is wrong with it."""

    path: str
    tree: ast.Module | None
    fault: SyntaxFault | None = None

    @property
    def is_test(self) -> bool:
        """Whether the file is for pytest alone; nothing that serves imports it."""
        *folders, name = self.path.split("/")
        return (
            bool(_TEST_FOLDERS & set(folders))
            or name == "conftest.py"
            or name.startswith("test_")
            or name.endswith("_test.py")
        )


def version(text: str) -> Version:
    """`3.13` as numbers."""
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def parse_all(files: Iterable[SourceFile], image: Version) -> dict[str, PythonFile]:
    """Every file by its path."""
    # Trees are many small objects that all stay: looking for garbage among them takes as long as parsing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return {file.path: parse(file, image) for file in files}
    finally:
        if collecting:
            gc.enable()


def parse(file: SourceFile, image: Version, *, here: Version = sys.version_info[:2]) -> PythonFile:
    """Parse one file as the image's Python would, as far as this one can."""
    content = file.read()
    undecodable = _undecodable_line(content)
    if undecodable:
        # First, because the parser takes such bytes in a comment, and an import does not.
        fault = SyntaxFault(line=undecodable, what="it is not UTF-8 and does not declare another encoding")
        return PythonFile(path=file.path, tree=None, fault=fault)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content, filename=file.path, feature_version=min(image, here))
    except SyntaxError as error:
        return PythonFile(path=file.path, tree=None, fault=_fault(content, error, later=image > here))
    except ValueError:
        return PythonFile(path=file.path, tree=None, fault=SyntaxFault(line=1, what="it holds null bytes"))
    except (RecursionError, MemoryError):
        deep = SyntaxFault(line=1, what="an expression in it is too deep to be read here", newer=True)
        return PythonFile(path=file.path, tree=None, fault=deep)
    return PythonFile(path=file.path, tree=tree)


def _fault(content: bytes, error: SyntaxError, *, later: bool) -> SyntaxFault:
    line = error.lineno or 1
    newer = later and (error.msg.startswith("f-string") or bool(_LATER.search(_line(content, line))))
    return SyntaxFault(line=line, what=f"Python does not parse it: {error.msg}", newer=newer)


def _line(content: bytes, number: int) -> str:
    lines = content.splitlines()
    return lines[number - 1].decode("ascii", "replace") if number <= len(lines) else ""


def _undecodable_line(content: bytes) -> int | None:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    except SyntaxError:
        return next((number for number, line in enumerate(content.split(b"\n"), 1) if not _decodes(line)), None)
    return None


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
