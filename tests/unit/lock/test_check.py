from __future__ import annotations

import pytest

from deploy.lock.check import check
from deploy.lock.files import Place
from tests.unit.lock.conftest import HASH, OTHER_HASH, Compiler, Project, pinned

BODY = pinned("anyio==4.16.0", "fastapi==0.165.0", asked=("fastapi",))


@pytest.fixture
def locked(project: Project) -> Project:
    project.write(requirements_in="fastapi>=0.165,<0.166\n")
    project.lock(BODY)
    return project


def test_an_unchanged_lock_is_known_to_be_right_without_the_network(locked: Project, compiler: Compiler) -> None:
    verdict = check(locked.lock_file, run=compiler)

    assert (verdict.is_fresh, verdict.offline, compiler.commands) == (True, True, [])


def test_comments_and_spaces_in_the_input_change_nothing(locked: Project, compiler: Compiler) -> None:
    locked.write(requirements_in="# the framework\n\nfastapi <0.166, >=0.165   # stable\n")

    assert check(locked.lock_file, run=compiler).is_fresh
    assert compiler.commands == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("fastapi\nhttpx2\n", "requirements.in:2: httpx2 is not in requirements.txt"),
        ("fastapi>=0.166\n", "requirements.txt:7: fastapi is 0.165.0, requirements.in:1 wants fastapi>=0.166"),
        ("anyio\n", "requirements.txt:7: fastapi is no longer asked for in requirements.in"),
        ('fastapi\nhttpx2; sys_platform != "nowhere"\n', "requirements.in:2: httpx2 is not in requirements.txt"),
    ],
)
def test_a_stale_line_is_named_without_the_network(locked: Project, compiler: Compiler, asked: str, found: str) -> None:
    locked.write(requirements_in=asked)

    verdict = check(locked.lock_file, run=compiler)

    assert [str(finding) for finding in verdict.stale] == [found]
    assert (verdict.offline, compiler.commands) == (True, [])


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (f" \\\n    {HASH}", "", "requirements.txt:4: anyio has no hash"),
        ("anyio", "--find-links /opt/wheels\nanyio", "requirements.txt:4: '--find-links /opt/wheels' is neither"),
        (HASH, OTHER_HASH, "requirements.txt:1: a pin or a hash was changed by hand"),
        ("anyio==4.16.0", "anyio==4.15.0", "requirements.txt:1: a pin or a hash was changed by hand"),
    ],
)
def test_a_lock_changed_by_hand_is_found_out(
    locked: Project, compiler: Compiler, old: str, new: str, found: str
) -> None:
    output = locked.lock_file.output
    output.write_text(output.read_text().replace(old, new, 1))

    verdict = check(locked.lock_file, run=compiler)

    assert any(str(finding).startswith(found) for finding in verdict.stale)
    assert compiler.commands == []


def test_a_missing_lock_is_out_of_date(project: Project, compiler: Compiler) -> None:
    project.write(requirements_in="fastapi\n")

    verdict = check(project.lock_file, run=compiler)

    assert [str(finding) for finding in verdict.stale] == [
        "requirements.txt:1: is not there; requirements.in was never locked"
    ]


def test_a_bound_of_another_lock_is_kept(locked: Project, compiler: Compiler) -> None:
    locked.write(requirements_in="-c bounds.txt\nfastapi>=0.165,<0.166\n", bounds_txt=pinned("anyio==5.0", "other==1"))

    verdict = check(locked.lock_file, run=compiler)

    assert [str(finding) for finding in verdict.stale] == [
        "requirements.txt:4: anyio is 4.16.0, bounds.txt:1 wants anyio==5.0"
    ]


# Where only the index can tell ---------------------------------------------------------------------------


def test_a_bound_that_still_holds_is_compiled_again_and_may_change_nothing(locked: Project, compiler: Compiler) -> None:
    locked.write(requirements_in="fastapi>=0.164,<0.166\n")
    compiler.lock = BODY

    verdict = check(locked.lock_file, run=compiler)

    assert (verdict.is_fresh, verdict.offline) == (True, False)
    assert compiler.job["files"]["requirements.txt"] == locked.lock_file.output.read_text(), "known pins are kept"


def test_each_line_that_compiling_again_changes_is_named(locked: Project, compiler: Compiler) -> None:
    locked.write(requirements_in="fastapi[standard]>=0.165,<0.166\n")
    compiler.lock = pinned("anyio==4.17.0", "httpx2==2.0", "fastapi==0.165.0", asked=("fastapi",), digest=OTHER_HASH)

    verdict = check(locked.lock_file, run=compiler)

    assert [str(finding) for finding in verdict.stale] == [
        "requirements.txt:4: anyio is 4.16.0, requirements.in now gives 4.17.0",
        "requirements.txt:7: the hashes or the marker of fastapi are others now",
        "requirements.txt:1: httpx2 is missing, requirements.in now needs it",
    ]


def test_a_lock_made_by_something_else_is_compared_by_what_it_pins(locked: Project, compiler: Compiler) -> None:
    locked.lock_file.output.write_text("# made by another tool\n" + BODY.replace("# via another", "# via starlette"))
    compiler.lock = BODY

    assert check(locked.lock_file, run=compiler).is_fresh
    assert len(compiler.commands) == 1


def test_a_release_before_the_first_one_can_be_pinned(project: Project, compiler: Compiler) -> None:
    project.write(requirements_in="fastapi>0.9\n")
    project.lock(pinned("fastapi==1.0rc2", asked=("fastapi",)))

    assert check(project.lock_file, run=compiler).is_fresh


def test_another_python_asks_for_another_lock(project: Project, compiler: Compiler) -> None:
    project.place = Place(python="3.12", image="python:3.12-slim")
    project.write(requirements_in='fastapi\nolder; python_version < "3.13"\n')
    project.lock(pinned("fastapi==0.165.0", asked=("fastapi",)))

    assert [finding.what for finding in check(project.lock_file, run=compiler).stale] == [
        "older is not in requirements.txt"
    ]
