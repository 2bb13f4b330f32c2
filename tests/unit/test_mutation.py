"""What `mutate` asks of Cosmic Ray, and what it makes of the answer."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from development import mutation


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        ("deploy/space/retry.py", ("tests/unit/space/test_retry.py", "tests/unit/space")),
        ("deploy/localhub/git/checkout.py", ("tests/unit/localhub/git/test_checkout.py", "tests/unit/localhub")),
        ("deploy/atomic.py", ("tests/unit/ground",)),
        ("backend/app/config.py", ("tests/unit/backend",)),
    ],
)
def test_the_tests_of_its_name_come_before_those_of_the_room(file: str, tests: tuple[str, ...], tmp_path: Path) -> None:
    for test in ("space/test_retry.py", "localhub/git/test_checkout.py", "ground/test_lfs.py", "backend/test_api.py"):
        place = tmp_path / "tests/unit" / test
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    assert mutation.tests_of(Path(file), tmp_path) == tests


def test_mutants_that_were_not_tried_count_for_nothing() -> None:
    mutant = {
        "mutations": [{"module_path": "deploy/a.py", "start_pos": [7, 4], "operator_name": "core/NumberReplacer"}]
    }
    diff = "--- mutation diff ---\n--- adeploy/a.py\n+++ bdeploy/a.py\n@@ -7 +7 @@\n a\n-b = 1\n+b = 2\n"
    told = [
        (mutant, None),
        (mutant, {"worker_outcome": "skipped", "test_outcome": None, "diff": None}),
        (mutant, {"worker_outcome": "normal", "test_outcome": "killed", "diff": diff}),
        (mutant, {"worker_outcome": "normal", "test_outcome": "survived", "diff": diff}),
    ]
    found = mutation.outcome("\n".join(map(json.dumps, told)))
    assert found.killed == 1
    assert [str(survivor) for survivor in found.survivors] == ["deploy/a.py:7\n  -b = 1\n  +b = 2"]


def test_the_configuration_is_toml() -> None:
    test = ("/a folder/python", "-m", "pytest")
    read = tomllib.loads(mutation.configuration(Path("deploy/atomic.py"), test, 12.5, "c0ffee"))
    asked = read["cosmic-ray"]
    assert (asked["module-path"], asked["timeout"]) == (["deploy/atomic.py"], 12.5)
    assert asked["test-command"] == "'/a folder/python' -m pytest"
    assert asked["filters"]["git-filter"] == {"branch": "c0ffee"}
