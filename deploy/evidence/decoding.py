"""From JSON to frozen values by their type hints; what does not fit is named by its place in the document."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


class Misfit(Exception):
    """The message is the place and what is wrong there: `proofs[3].verdict should be ...`."""


def decoded(kind: Any, value: Any, place: str) -> Any:
    """`value` as a `kind`: a dataclass, mapping, tuple, union, literal, datetime or plain type. Raises Misfit."""
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _fields(kind, _expect(dict, value, place), place)
    if origin is Literal:
        return _one_of(get_args(kind), value, place)
    if origin in {tuple, Mapping}:
        return _many(origin, get_args(kind), value, place)
    if origin in {Union, types.UnionType}:
        return _one_of_types(get_args(kind), value, place)
    return _moment(value, place) if kind is datetime else _expect(kind, value, place)


def _many(origin: Any, kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    if origin is tuple:
        items = enumerate(_expect(list, value, place))
        return tuple(decoded(kinds[0], item, f"{place}[{index}]") for index, item in items)
    return {key: decoded(kinds[1], item, f"{place}.{key}") for key, item in _expect(dict, value, place).items()}


def _fields(kind: Any, document: dict[str, Any], place: str) -> Any:
    hints = get_type_hints(kind)
    required = {field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING}
    if absent := sorted(required - document.keys()):
        raise Misfit(f"{_inside(place, absent[0])} is missing")
    if unknown := sorted(document.keys() - hints.keys()):
        raise Misfit(f"{_inside(place, unknown[0])} is not part of the schema")
    values = {name: decoded(hints[name], value, _inside(place, name)) for name, value in document.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise Misfit(f"{place or 'the document'}: {error}") from error


def _expect(kind: Any, value: Any, place: str) -> Any:
    """Of the very type: `true` is no number, though Python says so. A whole number is a number."""
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise Misfit(f"{place or 'the document'} should be {_WORDS[kind]}")
    if kind is float and not math.isfinite(value):
        raise Misfit(f"{place} should be finite")
    return value


def _one_of(choices: tuple[Any, ...], value: Any, place: str) -> Any:
    if value not in choices:
        raise Misfit(f"{place} should be one of {', '.join(map(repr, choices))}")
    return value


def _one_of_types(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    if type(value) not in kinds:
        raise Misfit(f"{place} should be {' or '.join(_WORDS[kind] for kind in kinds)}")
    return _expect(type(value), value, place)


def _moment(value: Any, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_expect(str, value, place))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Misfit(f"{place} should be a time such as 2026-11-22T20:15:30+00:00")
    return moment


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


_WORDS: Mapping[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
