"""A project's own list of tasks: what it says, and one clear error for each thing that is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.catalogue import CHECKS, COMMANDS, OPTIONAL, Task, ids_of
from deploy.config import load
from deploy.errors import ConfigError
from deploy.verify.everything import FULL_SUITE
from tests.unit.ground.builders import LOCAL, configured

FILE = "docs/proofs.toml"
NAMED = f'[source]\ntasks = "{FILE}"\n{LOCAL}'
PAGE = Path(__file__).parents[3] / "docs/evidence.md"
ROW = '[[tasks]]\nid = "API-1"\ntitle = "It answers"\nchecks = ["serving"]\n'


def listed(root: Path, text: str) -> tuple[Task, ...]:
    (root / FILE).parent.mkdir(exist_ok=True)
    (root / FILE).write_text(text, encoding="utf-8")
    return configured(root, NAMED).tasks


def refused(root: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        listed(root, text)
    return caught.value


# What it says --------------------------------------------------------------------------------------------


def test_tasks_come_in_their_order_with_all_that_is_said_of_them(tmp_path: Path) -> None:
    more = '[[tasks]]\nid = "7.b"\nphase = "Later"\ntitle = "Ok"\nchecks = ["layers", "boot"]\nrequirements = ["R1"]\n'
    assert listed(tmp_path, ROW + more) == (
        Task(id="API-1", phase="Tasks", title="It answers", checks=("serving",)),
        Task(id="7.b", phase="Later", title="Ok", checks=("layers", "boot"), requirements=("R1",)),
    )


def test_one_check_may_prove_several_tasks(tmp_path: Path) -> None:
    tasks = listed(tmp_path, ROW + ROW.replace("API-1", "API-2"))
    assert ids_of("serving", tasks) == ("API-1", "API-2")
    assert ids_of("ports", tasks) == ()


def test_a_project_that_names_no_list_has_none(tmp_path: Path) -> None:
    assert configured(tmp_path, LOCAL).tasks == ()


def test_the_example_of_the_page_can_be_used(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(\[\[tasks]].*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    tasks = listed(tmp_path, example)
    assert len(tasks) == 2
    assert all(task.requirements for task in tasks)


def test_an_optional_check_decides_only_when_it_fails() -> None:
    task = Task(id="A", phase="", title="", checks=("layers", "audit"))
    assert list(OPTIONAL) == ["audit"]
    assert task.verdict({"layers": "passed", "audit": "not run"}) == "passed"
    assert task.verdict({"layers": "passed", "audit": "passed"}) == "passed"
    assert task.verdict({"layers": "passed", "audit": "failed"}) == "failed"
    assert task.verdict({"layers": "not run", "audit": "passed"}) == "not run"
    assert task.verdict({"layers": "not run", "audit": "not run"}) == "not run"
    assert task.verdict({"layers": "failed", "audit": "not run"}) == "failed"


# Which checks there are ----------------------------------------------------------------------------------


def test_a_check_has_one_name_and_one_command() -> None:
    assert len(COMMANDS) == sum(len(checks) for checks in CHECKS.values())


def test_what_looks_goes_by_the_names_of_the_catalogue() -> None:
    assert {check.name for check in FULL_SUITE.once} <= set(CHECKS["verify"])


def test_the_page_names_every_check_with_its_command() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {command: tuple(names.split(", ")) for command, names in rows if command in CHECKS} == {
        command: tuple(checks) for command, checks in CHECKS.items()
    }


# What is wrong with it -----------------------------------------------------------------------------------

WRONG = {
    "": "tasks: is missing: [[tasks]] with id, title and checks",
    "tasks = 3": "tasks: should be an array of tables ([[tasks]]), is a whole number",
    "[tasks.one]\nid = 'one'": "tasks: should be an array of tables ([[tasks]]), is a table",
    ROW.replace("serving", "servng"): "tasks[1].checks[1]: 'servng' is not a check; did you mean 'serving'?",
    ROW.replace("serving", "qqq"): "tasks[1].checks[1]: 'qqq' is not a check",
    ROW.replace('["serving"]', "[]"): 'tasks[1].checks: is missing: names of checks, such as ["ports", "boot"]',
    ROW.replace('["serving"]', '"serving"'): "tasks[1].checks: should be an array, is text",
    ROW + ROW: "tasks[2].id: 'API-1' stands twice",
    ROW.replace('id = "API-1"\n', ""): "tasks[1].id: is missing",
    ROW.replace("API-1", "API 1"): "tasks[1].id: 'API 1' is not an id such as API-2",
    ROW.replace("It answers", ""): "tasks[1].title: should be one line of text",
    ROW.replace("It answers", "It\\nanswers"): "tasks[1].title: should be one line of text",
    ROW.replace('title = "It answers"\n', ""): "tasks[1].title: is missing",
    ROW + "phase = 2\n": "tasks[1].phase: should be text, is a whole number",
    ROW + "requirement = ['R1']\n": "tasks[1].requirement: is not a setting; did you mean 'requirements'?",
    ROW + "requirements = ['R 1']\n": "tasks[1].requirements[1]: 'R 1' is not an id such as REQ-3",
    ROW.replace("serving", "requirements") + "requirements = ['R1']\n": (
        "tasks[1].requirements: the check 'requirements' asks for all others, and can stand for none"
    ),
    "title = 'mine'\n" + ROW: "title: is not a setting",
}


@pytest.mark.parametrize(("text", "problem"), WRONG.items(), ids=map(repr, WRONG))
def test_what_is_wrong_is_named_by_file_and_key(tmp_path: Path, text: str, problem: str) -> None:
    error = refused(tmp_path, text)
    assert (error.what, error.details) == (f"{FILE} has 1 problem.", (problem,))
    assert error.exit_code == 10


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    assert len(refused(tmp_path, "[[tasks]]\n" + ROW.replace("serving", "x") + ROW).details) == 5


def test_a_list_that_is_not_toml_is_refused_with_the_line(tmp_path: Path) -> None:
    assert re.search(rf"^{FILE} is not TOML: .*line 2", refused(tmp_path, "[[tasks]]\nid =\n").what)


def test_a_list_that_is_not_there_is_told_with_the_key_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"There is no {FILE} in ") as caught:
        configured(tmp_path, NAMED)
    assert caught.value.cause == "source.tasks in deploy.toml names it"
    assert caught.value.exit_code == 10


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)
    with pytest.raises(ConfigError, match=rf"{FILE} cannot be read: Is a directory"):
        configured(tmp_path, NAMED)


def test_a_list_outside_of_the_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, '[source]\ntasks = "../tasks.toml"\n' + LOCAL)
    assert caught.value.details == ("source.tasks: '../tasks.toml' leads out of the project",)


def test_the_projects_own_list_is_well(pytestconfig: pytest.Config) -> None:
    assert [task.id for task in load(pytestconfig.rootpath).tasks] == [f"T{number:03}" for number in range(1, 36)]
