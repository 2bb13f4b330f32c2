"""Reads a TOML table field by field and collects every problem, each with its key path."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

Number = TypeVar("Number", int, float)
Check = Callable[[str], str | None]
"""What is wrong with a text, in a sentence."""

_KINDS: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a table",
    list: "an array",
}


class Problems(list[str]):
    """What is wrong so far, one sentence each, `key.path: sentence`."""

    def add(self, path: str, sentence: str) -> None:
        self.append(f"{path}: {sentence}")


class Section:
    """One table. Every key must be asked for; `finish` reports those that nobody asked for."""

    def __init__(self, table: object, path: str, problems: Problems) -> None:
        self._path = path
        self._problems = problems
        self._known: list[str] = []
        self._table: Mapping[str, Any] = {}
        if isinstance(table, Mapping):
            self._table = table
        else:
            problems.add(path, f"should be a table, is {_kind(table)}")

    def text(self, key: str, default: str = "", *, check: Check = lambda _: None, missing: str = "") -> str:
        """`check` looks at what is given; `missing` is what to say when nothing is."""
        value: str = self._take(key, str, default)
        given = self._table.get(key)
        problem = missing if given is None else check(given) if isinstance(given, str) else None
        if problem:
            self._problems.add(self._at(key), problem)
        return value

    def flag(self, key: str, default: bool) -> bool:
        value: bool = self._take(key, bool, default)
        return value

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        value: int = self._take(key, int, default)
        return self._within(key, value, default, least, most)

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        value: float = self._take(key, (int, float), default)
        return self._within(key, float(value), default, least, most)

    def seconds(self, key: str, default: float, *, most: float, least: float = 1.0) -> float:
        return self.number(key, default, least=least, most=most)

    def texts(
        self, key: str, *, default: Sequence[str] = (), check: Check = lambda _: None, missing: str = ""
    ) -> tuple[str, ...]:
        """An array of texts; `check` looks at each, and `missing` is what to say when there is none."""
        values: list[object] = self._take(key, list, list(default))
        if missing and not self._table.get(key):
            self._problems.add(self._at(key), missing)
        for number, value in enumerate(values, start=1):
            problem = check(value) if isinstance(value, str) else f"should be text, is {_kind(value)}"
            if problem:
                self._problems.add(f"{self._at(key)}[{number}]", problem)
        return tuple(value for value in values if isinstance(value, str))

    def table(self, key: str, default: Mapping[str, object]) -> Mapping[str, object]:
        """A table that is taken as it stands, such as the body of a request."""
        value: Mapping[str, object] = self._take(key, dict, default)
        return value

    def one_of(self, key: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key, default)
        if value not in allowed:
            self._problems.add(
                self._at(key), f"{value!r} is not one of {', '.join(allowed)}{did_you_mean(value, allowed)}"
            )
            return default
        return value

    def section(self, key: str) -> Section:
        self._known.append(key)
        return Section(self._table.get(key, {}), self._at(key), self._problems)

    def sections(self, key: str) -> Iterator[tuple[str, Section]]:
        """The tables below `key` by name."""
        self._known.append(key)
        table = self._table.get(key, {})
        if not isinstance(table, Mapping):
            self._problems.add(self._at(key), f"should be a table of tables, is {_kind(table)}")
            return
        for name, value in table.items():
            yield name, Section(value, f"{self._at(key)}.{name}", self._problems)

    def rows(self, key: str, *, missing: str = "") -> Iterator[Section]:
        """The tables of an array of tables; `missing` is what to say when there is none."""
        self._known.append(key)
        rows = self._table.get(key, [])
        if missing and rows == []:
            self._problems.add(self._at(key), missing)
            return
        if not isinstance(rows, list):
            self._problems.add(self._at(key), f"should be an array of tables ([[{key}]]), is {_kind(rows)}")
            return
        for number, row in enumerate(rows, start=1):
            yield Section(row, f"{self._at(key)}[{number}]", self._problems)

    def items(self, key: str) -> Iterator[tuple[str, str, object]]:
        """(name, path, value) of a table whose keys are free."""
        self._known.append(key)
        table = self._table.get(key, {})
        if not isinstance(table, Mapping):
            self._problems.add(self._at(key), f"should be a table, is {_kind(table)}")
            return
        for name, value in table.items():
            yield name, f"{self._at(key)}.{name}", value

    def finish(self) -> None:
        for key in self._table:
            if key not in self._known:
                self._problems.add(self._at(key), f"is not a setting{did_you_mean(key, self._known)}")

    def problem(self, key: str, sentence: str) -> None:
        self._problems.add(self._at(key), sentence)

    def _take(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:
        self._known.append(key)
        value = self._table.get(key, default)
        wrong_bool = isinstance(value, bool) and kind is not bool
        if wrong_bool or not isinstance(value, kind):
            self._problems.add(self._at(key), f"should be {_kind(default)}, is {_kind(value)}")
            return default
        return value

    def _within(self, key: str, value: Number, default: Number, least: float, most: float) -> Number:
        if not least <= value <= most:
            self._problems.add(self._at(key), f"should be from {least:g} to {most:g}, is {value:g}")
            return default
        return value

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def did_you_mean(wrong: str, right: Iterable[str]) -> str:
    """`; did you mean X?` for the nearest of the right words, or nothing."""
    close = difflib.get_close_matches(wrong, list(right), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _kind(value: object) -> str:
    return _KINDS.get(type(value), type(value).__name__)
