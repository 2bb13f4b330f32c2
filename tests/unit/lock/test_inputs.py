from __future__ import annotations

import pytest

from deploy.errors import LockError
from deploy.lock.inputs import read_inputs
from tests.unit.lock.conftest import Project, not_text


def test_requirements_are_read_with_the_line_each_stands_on(project: Project) -> None:
    project.write(requirements_in="# web\nFastAPI >= 0.100  # the framework\n\npwdlib[argon2]\n")

    inputs = read_inputs(project.lock_file.input, project.root)

    assert [(asked.name, asked.file, asked.line) for asked in inputs.requirements] == [
        ("fastapi", "requirements.in", 2),
        ("pwdlib", "requirements.in", 4),
    ]


@pytest.mark.parametrize("reference", ["-r base.in", "-rbase.in", "--requirement base.in", "--requirement=base.in"])
def test_a_file_named_with_r_asks_too(project: Project, reference: str) -> None:
    project.write(requirements_in=f"{reference}\nhttpx2\n", base_in="fastapi\n")

    inputs = read_inputs(project.lock_file.input, project.root)

    assert [(asked.name, asked.file) for asked in inputs.requirements] == [
        ("fastapi", "base.in"),
        ("httpx2", "requirements.in"),
    ]
    assert set(inputs.files) == {"requirements.in", "base.in"}


@pytest.mark.parametrize("reference", ["-c bounds.txt", "--constraint bounds.txt", "--constraint=bounds.txt"])
def test_a_file_named_with_c_only_bounds(project: Project, reference: str) -> None:
    lock = "anyio==4.16.0 ; python_version > '3' \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via httpx2\n"
    project.write(requirements_in=f"{reference}\nhttpx2\n", bounds_txt=lock)

    inputs = read_inputs(project.lock_file.input, project.root)

    assert [asked.name for asked in inputs.requirements] == ["httpx2"]
    assert [str(bound.requirement and bound.requirement.specifier) for bound in inputs.constraints] == ["==4.16.0"]


def test_a_file_named_twice_is_read_once(project: Project) -> None:
    project.write(requirements_in="-r a.in\n-r b.in\n", a_in="-r base.in\n", b_in="-r base.in\n", base_in="fastapi\n")

    assert [asked.name for asked in read_inputs(project.lock_file.input, project.root).requirements] == ["fastapi"]


def test_files_that_name_each_other_are_refused_as_pip_refuses_them(project: Project) -> None:
    project.write(requirements_in="-r base.in\n", base_in="-r requirements.in\nfastapi\n")

    with pytest.raises(LockError) as refused:
        read_inputs(project.lock_file.input, project.root)

    assert refused.value.details == ("base.in:1: pip does not read '-r requirements.in': the file includes itself",)


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.com/simple",
        "--extra-index-url=https://example.com/simple",
        "--find-links /opt/wheels",
        "-e .",
        "./vendored",
        "/opt/wheels/thing-1.0-py3-none-any.whl",
        "thing @ https://example.com/thing-1.0.tar.gz",
        "git+https://example.com/thing.git",
        "-r ../outside.in",
        "-c https://example.com/bounds.txt",
        "two words",
    ],
)
def test_what_ties_a_lock_to_a_machine_is_refused_with_its_line(project: Project, line: str) -> None:
    project.write(requirements_in=f"fastapi\n{line}\n")

    with pytest.raises(LockError) as refused:
        read_inputs(project.lock_file.input, project.root)

    assert len(refused.value.details) == 1
    assert refused.value.details[0].startswith("requirements.in:2: ")


def test_all_refused_lines_are_told_at_once(project: Project) -> None:
    project.write(requirements_in="-e .\n-r base.in\n", base_in="\n--find-links x\n")

    with pytest.raises(LockError) as refused:
        read_inputs(project.lock_file.input, project.root)

    assert [detail.split(": ")[0] for detail in refused.value.details] == ["requirements.in:1", "base.in:2"]


def test_a_password_in_a_refused_line_is_not_told(project: Project) -> None:
    project.write(requirements_in="--index-url https://me:hunter2@example.com/simple\n")

    with pytest.raises(LockError) as refused:
        read_inputs(project.lock_file.input, project.root)

    assert "hunter2" not in str(refused.value.details)
    assert "example.com/simple" in str(refused.value.details)


def test_a_missing_file_is_named(project: Project) -> None:
    project.write(requirements_in="-r nowhere.in\n")

    with pytest.raises(LockError, match=r"nowhere\.in cannot be read"):
        read_inputs(project.lock_file.input, project.root)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "other encoding"])
def test_what_is_no_file_of_text_is_named(project: Project, kind: str) -> None:
    project.write(requirements_in="-r other.in\n")
    not_text(project.root / "other.in", kind)

    with pytest.raises(LockError, match=r"other\.in cannot be read"):
        read_inputs(project.lock_file.input, project.root)
