"""Tests that are true or false in the image whatever the program does."""

from __future__ import annotations

import ast

from deploy.source.python.files import Version
from deploy.source.python.names import dotted

_HERE = {"sys.platform": "linux", "os.name": "posix", "platform.system": "Linux"}
"""A Space runs Linux."""


def is_main_guard(test: ast.expr) -> bool:
    """Whether this is `__name__ == "__main__"`, either way round."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = {dotted(side) or getattr(side, "value", None) for side in (test.left, test.comparators[0])}
    return sides == {"__name__", "__main__"}


def truth(test: ast.expr, image: Version) -> bool | None:
    """The value of a test on version, platform or type checking; None when it depends on the program."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(test.operand, image)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        return _joined(test, image)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test, image)
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.func.attr == "startswith":
        place, prefix = _known(test.func.value), test.args[0] if test.args else None
        return place.startswith(str(getattr(prefix, "value", ""))) if place else None
    return False if (dotted(test) or "").split(".")[-1] == "TYPE_CHECKING" else None


def _joined(test: ast.BoolOp, image: Version) -> bool | None:
    values = [truth(value, image) for value in test.values]
    decisive = isinstance(test.op, ast.Or)
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _compared(test: ast.Compare, image: Version) -> bool | None:
    left, right, order = test.left, test.comparators[0], test.ops[0]
    if dotted(left) == "sys.version_info" and isinstance(right, ast.Tuple):
        wanted = tuple(getattr(item, "value", None) for item in right.elts)
        if not all(isinstance(number, int) for number in wanted):
            return None
        return _ordered(order, (*image, 99)[: max(2, len(wanted))], wanted)
    known = _known(left)
    if known and isinstance(right, ast.Constant) and isinstance(order, (ast.Eq, ast.NotEq)):
        return (known == right.value) == isinstance(order, ast.Eq)
    return None


def _ordered(order: ast.cmpop, ours: tuple[int, ...], wanted: tuple[object, ...]) -> bool | None:
    comparable = tuple(number for number in wanted if isinstance(number, int))
    if isinstance(order, ast.GtE):
        return ours >= comparable
    if isinstance(order, ast.Gt):
        return ours > comparable
    if isinstance(order, ast.Lt):
        return ours < comparable
    if isinstance(order, ast.LtE):
        return ours <= comparable
    return None


def _known(node: ast.expr) -> str | None:
    return _HERE.get(dotted(node.func if isinstance(node, ast.Call) else node) or "")
