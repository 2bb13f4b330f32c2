from __future__ import annotations

import stat

import pytest

from deploy.errors import LockError
from deploy.lock.check import check
from deploy.lock.table import Move, table
from deploy.lock.update import update
from tests.unit.lock.conftest import HASH, OTHER_HASH, Compiler, Project, not_text, pinned


@pytest.fixture
def locked(project: Project) -> Project:
    project.write(requirements_in="fastapi\n")
    project.lock(pinned("anyio==4.0", "fastapi==1.0", asked=("fastapi",)))
    return project


def test_a_first_lock_is_written_and_then_right(project: Project, compiler: Compiler) -> None:
    project.write(requirements_in="fastapi\n")
    compiler.lock = pinned("fastapi==1.0", asked=("fastapi",))

    done = update(project.lock_file, run=compiler)

    assert done.written
    assert done.moved == (Move(name="fastapi", old="-", new="1.0"),)
    assert stat.S_IMODE(project.lock_file.output.stat().st_mode) == 0o644
    assert check(project.lock_file, run=compiler).offline


def test_pins_stay_unless_upgraded(locked: Project, compiler: Compiler) -> None:
    compiler.lock = pinned("anyio==4.0", "fastapi==1.0", asked=("fastapi",))

    update(locked.lock_file, run=compiler)
    assert "--upgrade" not in compiler.job["arguments"]
    assert "fastapi==1.0" in compiler.job["files"]["requirements.txt"]

    update(locked.lock_file, upgrade=True, run=compiler)
    assert "--upgrade" in compiler.job["arguments"]


def test_an_upgrade_tells_what_moved(locked: Project, compiler: Compiler) -> None:
    compiler.lock = pinned("fastapi==2.0", "starlette==1.10", asked=("fastapi",))

    done = update(locked.lock_file, upgrade=True, run=compiler)

    assert table(done.moved).splitlines() == [
        "package    old  new",
        "anyio      4.0  -",
        "fastapi    1.0  2.0",
        "starlette  -    1.10",
    ]


def test_other_comments_alone_are_no_reason_to_write(locked: Project, compiler: Compiler) -> None:
    before = locked.lock_file.output.read_bytes()
    compiler.lock = pinned("anyio==4.0", "fastapi==1.0", asked=("fastapi",)).replace("# via another", "# via starlette")

    assert not update(locked.lock_file, run=compiler).written
    assert locked.lock_file.output.read_bytes() == before


def test_a_changed_input_is_written_down_also_when_no_pin_moves(locked: Project, compiler: Compiler) -> None:
    locked.write(requirements_in="fastapi>=1\n")
    compiler.lock = pinned("anyio==4.0", "fastapi==1.0", asked=("fastapi",))

    done = update(locked.lock_file, run=compiler)

    assert (done.written, done.moved, done.summary) == (True, (), "written, no pin moved")
    assert check(locked.lock_file, run=compiler).offline


def test_hashes_changed_by_hand_are_not_taken_over(locked: Project, compiler: Compiler) -> None:
    output = locked.lock_file.output
    output.write_text(output.read_text().replace(HASH, OTHER_HASH))
    compiler.lock = pinned("anyio==4.0", "fastapi==1.0", asked=("fastapi",))

    assert update(locked.lock_file, run=compiler).written
    assert "--no-reuse-hashes" in compiler.job["arguments"]
    assert OTHER_HASH not in output.read_text()


def test_a_failure_leaves_the_lock_as_it_was(locked: Project, compiler: Compiler) -> None:
    before = sorted((path, path.read_bytes()) for path in locked.root.iterdir())
    compiler.code = 1

    with pytest.raises(LockError):
        update(locked.lock_file, upgrade=True, run=compiler)

    assert sorted((path, path.read_bytes()) for path in locked.root.iterdir()) == before


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "other encoding"])
def test_what_is_no_lock_and_stands_in_its_place_is_told(project: Project, compiler: Compiler, kind: str) -> None:
    project.write(requirements_in="fastapi\n")
    not_text(project.lock_file.output, kind)

    for command in (update, check):
        with pytest.raises(LockError, match=r"requirements\.txt cannot be read"):
            command(project.lock_file, run=compiler)
    assert compiler.commands == []
