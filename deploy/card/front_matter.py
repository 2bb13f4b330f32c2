"""From the text of a README to the values of its front matter, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import yaml

from deploy.errors import SourceError

Level = Literal["error", "warning"]

_BLOCK = re.compile(r"\A(?P<before>\ufeff?\s*---[ \t]*\n)(?P<yaml>.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_START = re.compile(r"\A\ufeff?\s*---[ \t]*$", re.MULTILINE)
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
"""These patterns are those of the core schema (YAML 1.2.2, 10.3.2)."""


@dataclass(frozen=True, kw_only=True)
class CardProblem:
    """One fault: line of the README, what is wrong, how to mend it; an `error` is refused by the Hub."""

    line: int
    what: str
    cure: str
    level: Level = "error"


class CardError(SourceError):
    """The front matter cannot be read at all."""

    def __init__(self, problem: CardProblem) -> None:
        super().__init__(f"README.md, line {problem.line}: {problem.what}", next_step=problem.cure)
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class FrontMatter:
    """Values by key, the line each key stands on, and keys that stand there twice."""

    values: Mapping[str, object]
    lines: Mapping[str, int]
    repeated: tuple[CardProblem, ...] = ()

    def line(self, key: str) -> int:
        """The key's line, or the first line when it is not there."""
        return self.lines.get(key, 1)


class _Loader(yaml.SafeLoader):
    """The Hub reads YAML 1.2, where `yes`, `=` and `10:30` are texts, and so are dates; 017 is seventeen."""


_TAG = "tag:yaml.org,2002:"
_KEPT = {f"{_TAG}null", f"{_TAG}merge"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", _FLOAT, "-+.0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"(?:{_pattern})$"), list(_first))
_Loader.add_constructor(f"{_TAG}int", lambda _, node: _whole(node.value))


def _whole(text: str) -> int:
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


def read(text: str) -> FrontMatter:
    """The front matter of a README. Raises CardError when there is none, or it is not a YAML mapping."""
    text = text.replace("\r\n", "\n")
    block = _BLOCK.match(text)
    if block is None:
        raise CardError(_missing(text))
    above = block["before"].count("\n")
    node, values = _loaded(block["yaml"], above)
    keys = list(_keys(node, above))
    return FrontMatter(
        values=values,
        lines=dict(reversed(keys)),
        repeated=tuple(_repeated(keys)),
    )


def _missing(text: str) -> CardProblem:
    if _START.match(text):
        return CardProblem(line=1, what="the front matter does not end", cure="close it with a line of three dashes")
    return CardProblem(
        line=1,
        what="there is no front matter, so the Hub does not know what kind of Space this is",
        cure="begin README.md with a block between two lines of three dashes that says `sdk: docker`",
    )


def _loaded(block: str, above: int) -> tuple[yaml.MappingNode | None, Mapping[str, object]]:
    """The block twice: as nodes, which know their lines, and as values."""
    try:
        node, values = _Loader(block).get_single_node(), _Loader(block).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = above + (error.problem_mark.line + 1 if error.problem_mark else 0)
        what = f"the front matter is not YAML: {error.problem or 'it cannot be read'}"
        raise CardError(CardProblem(line=line, what=what, cure="quote values that hold `: ` or `#`")) from error
    except RecursionError as error:
        problem = CardProblem(line=above, what="the front matter is nested too deep", cure="write plain values")
        raise CardError(problem) from error
    except yaml.YAMLError as error:
        problem = CardProblem(line=1, what="the front matter holds characters YAML refuses", cure="remove them")
        raise CardError(problem) from error
    if node is None:
        return None, {}
    if not isinstance(node, yaml.MappingNode):
        what = "the front matter is not a list of keys"
        raise CardError(CardProblem(line=above + 1, what=what, cure="write `key: value`"))
    return node, values


def _keys(node: yaml.MappingNode | None, above: int) -> Iterator[tuple[str, int]]:
    for key, _ in node.value if node else ():
        yield str(key.value), above + key.start_mark.line + 1


def _repeated(keys: list[tuple[str, int]]) -> Iterator[CardProblem]:
    first: dict[str, int] = {}
    for name, line in keys:
        if name in first:
            what = f"{name} stands here again, first on line {first[name]}"
            yield CardProblem(line=line, what=what, cure=f"keep one {name}")
        first.setdefault(name, line)
