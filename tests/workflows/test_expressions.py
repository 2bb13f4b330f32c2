"""The evaluator that the other tests of workflows lean on."""

from __future__ import annotations

import pytest

from tests.workflows.expressions import Scope, UnknownExpression, Value, names

RUNNING = {"always": True, "success": True, "failure": False, "cancelled": False}
FAILED = {**RUNNING, "success": False, "failure": True}
CONTEXTS = {
    "vars": {"NAME": "value", "EMPTY": ""},
    "steps": {"one": {"outputs": {"found": "true"}}},
    "inputs": {},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'it''s'", "it's"),
        ("vars.NAME", "value"),
        ("vars.MISSING", None),
        ("inputs.any.depth", None),
        ("inputs.target || vars.EMPTY || 'last'", "last"),
        ("vars.NAME && 'then'", "then"),
        ("vars.EMPTY && 'then'", ""),
        ("!inputs.target", True),
        ("vars.NAME == 'VALUE'", True),
        ("vars.MISSING == ''", True),
        ("vars.MISSING != 'production'", True),
        ("vars.NAME == 'value' && (inputs.a || steps.one.outputs.found == 'true')", True),
        ("inputs.a && inputs.b || vars.NAME", "value"),
        ("true != false", True),
    ],
)
def test_evaluates_as_github_does(expression: str, expected: Value) -> None:
    assert Scope(CONTEXTS, RUNNING).value(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "matrix.python",
        "github",
        "format('{0}', vars.NAME)",
        "vars['NAME']",
        "vars.NAME ==",
        "(vars.NAME",
        "a b",
        "1",
        "",
    ],
)
def test_refuses_what_it_does_not_know(expression: str) -> None:
    with pytest.raises(UnknownExpression):
        Scope(CONTEXTS, RUNNING).value(expression)


def test_replaces_placeholders_in_text() -> None:
    assert Scope(CONTEXTS).text("to ${{ inputs.target || 'staging' }}, ${{ vars.MISSING }}!") == "to staging, !"


@pytest.mark.parametrize(
    ("condition", "status", "expected"),
    [
        (None, RUNNING, True),
        (None, FAILED, False),
        ("vars.NAME", RUNNING, True),
        ("vars.NAME", FAILED, False),
        ("${{ vars.EMPTY }}", RUNNING, False),
        ("always()", FAILED, True),
        ("failure() && vars.NAME", FAILED, True),
    ],
)
def test_a_condition_without_a_status_means_success(
    condition: str | None, status: dict[str, bool], expected: bool
) -> None:
    assert Scope(CONTEXTS, status).holds(condition) is expected


def test_lists_the_names_of_an_expression() -> None:
    assert list(names("always() && steps.a.outputs.b == 'x.y' || !vars.C")) == ["steps.a.outputs.b", "vars.C"]
