"""Errors say what happened, why, and what to do, and each cause has a code of its own."""

from __future__ import annotations

from deploy import errors
from deploy.errors import EXIT_DIFFERENT, ChecksFailed, DeployError, HubRefused, Interrupted

CLASSES = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, DeployError)]
SHARED = {DeployError, ChecksFailed}
"""Both say 1; the base itself is raised for defects alone, which end with a code of their own."""


def test_every_cause_has_its_own_exit_code() -> None:
    codes = [item.exit_code for item in CLASSES if item not in SHARED]
    assert len(set(codes)) == len(codes) > 25
    assert {0, EXIT_DIFFERENT}.isdisjoint(codes)
    assert all(code < 126 or code == Interrupted.exit_code for code in codes)


def test_a_message_has_what_cause_next_and_details_in_this_order() -> None:
    error = HubRefused("The Hub said no.", cause="a file", next_step="invoke check", details=("a", "b"))
    assert str(error) == "The Hub said no.\n  cause: a file\n  next:  invoke check\n  | a\n  | b"


def test_a_message_leaves_out_what_is_not_known() -> None:
    assert str(HubRefused("The Hub said no.")) == "The Hub said no."


def test_a_document_says_the_same_beside_what_is_known_of_the_run() -> None:
    error = HubRefused("The Hub said no.", cause="a file", details=("a",))
    error.document = {"target": "staging", "verdict": "failed"}
    assert error.as_document() == {
        "target": "staging",
        "verdict": "failed",
        "error": "HubRefused",
        "exit_code": 38,
        "what": "The Hub said no.",
        "cause": "a file",
        "next": None,
        "details": ["a"],
    }


def test_a_finer_class_goes_by_the_name_of_the_cause_that_it_belongs_to() -> None:
    class OnlyRefusedOnMondays(HubRefused):
        pass

    document = OnlyRefusedOnMondays("No.").as_document()
    assert (document["error"], document["exit_code"]) == ("HubRefused", 38)
