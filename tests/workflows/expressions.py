"""GitHub's expressions, as far as the workflows of this project use them; anything else is refused.

Rules are those of "Evaluate expressions in workflows and actions" on docs.github.com: a property that is missing is
null, text compares without regard to case, and values of two kinds compare as numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Value = str | bool | float | None | Mapping[str, object]
STATUS_FUNCTIONS = ("always", "success", "failure", "cancelled")

_PLACEHOLDER = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)|(?P<sign>&&|\|\||==|!=|!|\(|\)))"
)
_WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}


class UnknownExpression(Exception):
    """The expression has something in it that is not evaluated here."""


@dataclass(frozen=True)
class Scope:
    """What an expression may name: contexts (`vars`, `steps`, ...) and the functions that tell how the job goes."""

    contexts: Mapping[str, object]
    status: Mapping[str, bool] = field(default_factory=dict)

    def value(self, expression: str) -> Value:
        return _Parser(expression, self).parse()

    def text(self, template: str) -> str:
        """Text with each `${{ expression }}` replaced."""
        return _PLACEHOLDER.sub(lambda match: shown(self.value(match[1])), template)

    def holds(self, condition: str | None) -> bool:
        """Whether an `if:` holds. One that asks for no status means `success() && (...)`."""
        expression = bare(condition) if condition is not None else "success()"
        if not any(f"{name}(" in expression for name in STATUS_FUNCTIONS):
            expression = f"success() && ({expression})"
        return truthy(self.value(expression))


def bare(condition: str) -> str:
    """The expression of an `if:`, which may stand in `${{ }}` or not."""
    wrapped = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", condition, re.DOTALL)
    return wrapped[1] if wrapped else condition


def expressions(template: str) -> Iterator[str]:
    """What stands between `${{` and `}}`."""
    yield from (match[1].strip() for match in _PLACEHOLDER.finditer(template))


def names(expression: str) -> Iterator[str]:
    """The dotted names of an expression, such as `steps.deploy.outputs.url`. Raises UnknownExpression."""
    yield from (text for kind, text in _tokens(expression) if kind == "name" and "." in text)


def truthy(value: Value) -> bool:
    return value not in ("", None, False, 0)


def shown(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    raise UnknownExpression(f"a {type(value).__name__} as text")


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(expression.rstrip())
    while position < end:
        match = _TOKEN.match(expression, position)
        if match is None or match.lastgroup is None:
            raise UnknownExpression(f"{expression[position:].strip()!r} in {expression.strip()!r}")
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


class _Parser:
    """Recursive descent: `||`, then `&&`, then `==` and `!=`, then `!`. `&&` and `||` give one of their operands."""

    def __init__(self, expression: str, scope: Scope) -> None:
        self._expression = expression.strip()
        self._scope = scope
        self._rest = [*_tokens(expression)]

    def parse(self) -> Value:
        value = self._or()
        if self._rest:
            raise UnknownExpression(f"{self._rest[0][1]!r} in {self._expression!r}")
        return value

    def _or(self) -> Value:
        value = self._and()
        while self._take("||"):
            other = self._and()
            value = value if truthy(value) else other
        return value

    def _and(self) -> Value:
        value = self._comparison()
        while self._take("&&"):
            other = self._comparison()
            value = other if truthy(value) else value
        return value

    def _comparison(self) -> Value:
        value = self._unary()
        if self._take("=="):
            return _equal(value, self._unary())
        if self._take("!="):
            return not _equal(value, self._unary())
        return value

    def _unary(self) -> Value:
        if self._take("!"):
            return not truthy(self._unary())
        if self._take("("):
            value = self._or()
            self._expect(")")
            return value
        return self._operand()

    def _operand(self) -> Value:
        kind, text = self._rest.pop(0) if self._rest else ("end", "")
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind != "name":
            raise UnknownExpression(f"{text!r} in {self._expression!r}")
        if self._take("("):
            self._expect(")")
            return self._call(text)
        return _WORDS[text] if text in _WORDS else self._lookup(text)

    def _call(self, name: str) -> bool:
        if name not in self._scope.status:
            raise UnknownExpression(f"{name}() in {self._expression!r}")
        return self._scope.status[name]

    def _lookup(self, path: str) -> Value:
        root, *parts = path.split(".")
        if root not in self._scope.contexts or not parts:
            raise UnknownExpression(f"{path!r} in {self._expression!r}")
        value: object = self._scope.contexts[root]
        for part in parts:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None or isinstance(value, str | bool | Mapping):
            return value
        raise UnknownExpression(f"a {type(value).__name__} at {path}")

    def _take(self, sign: str) -> bool:
        if self._rest and self._rest[0] == ("sign", sign):
            self._rest.pop(0)
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise UnknownExpression(f"no {sign!r} where one belongs in {self._expression!r}")


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    return _number(left) == _number(right)


def _number(value: Value) -> float:
    if isinstance(value, str):
        try:
            return float(value or 0)
        except ValueError:
            return math.nan
    if isinstance(value, Mapping):
        raise UnknownExpression("a comparison of objects")
    return float(value or 0)
