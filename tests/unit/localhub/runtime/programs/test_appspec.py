"""What is read from a Dockerfile when no engine reads it, and what is refused as an engine would."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.localhub.runtime.model import AttemptFailed
from deploy.localhub.runtime.programs.appspec import AppSpec, read_spec


def spec(folder: Path, text: str, **files: str) -> AppSpec:
    (folder / "Dockerfile").write_text(text)
    for name, content in files.items():
        (folder / name).with_suffix(".txt").write_text(content)
    return read_spec(folder)


def refusal(folder: Path, text: str, **files: str) -> str:
    with pytest.raises(AttemptFailed) as failure:
        spec(folder, text, **files)
    assert failure.value.stage == "BUILD_ERROR"
    return failure.value.message


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("python:3.13-slim", "3.13"),
        ("docker.io/library/python:3.12", "3.12"),
        ("python:3.13.1-slim", "3.13"),
        ("ubuntu:24.04", None),
        ("my-python:3.13", None),
        ("python", None),
    ],
)
def test_the_python_of_the_image(tmp_path: Path, image: str, version: str | None) -> None:
    assert spec(tmp_path, f"FROM {image}\nCMD serve").python == version


def test_the_requirements_that_are_installed_are_taken(tmp_path: Path) -> None:
    text = "FROM python:3.13 AS b\nRUN pip install -r /code/prod.txt\nFROM python:3.13\nCMD serve"
    found = spec(tmp_path, text, prod="a==1\n", requirements="b==1\n")
    assert found.requirements == (tmp_path / "prod.txt",)


def test_requirements_are_found_where_copy_put_them(tmp_path: Path) -> None:
    text = "FROM python:3.13\nCOPY prod.txt /code/all.txt\nWORKDIR /code\nRUN pip install -r ./all.txt\nCMD serve"
    found = spec(tmp_path, text, prod="a==1\n", requirements="b==1\n")
    assert found.requirements == (tmp_path / "prod.txt",)


def test_without_a_word_on_them_requirements_txt_is_taken(tmp_path: Path) -> None:
    text = "FROM python:3.13\nRUN uv sync\nCMD serve"
    assert spec(tmp_path, text).requirements == ()
    assert spec(tmp_path, text, requirements="b==1\n").requirements == (tmp_path / "requirements.txt",)


def test_requirements_outside_the_checkout_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("x\n")
    (folder / "linked.txt").symlink_to(tmp_path / "secret.txt")
    text = "FROM python:3.13\nRUN pip install -r ../secret.txt -r linked.txt\nCMD serve"
    assert spec(folder, text).requirements == ()


def test_a_dockerfile_that_does_not_parse_is_a_build_error(tmp_path: Path) -> None:
    assert refusal(tmp_path, "FORM python:3.13") == "Build failed: Dockerfile, line 1: FORM is not an instruction"


def test_without_a_dockerfile_there_is_nothing_to_build(tmp_path: Path) -> None:
    with pytest.raises(AttemptFailed, match="cannot be read"):
        read_spec(tmp_path)


def test_a_dockerfile_that_leads_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    """A device may have no end, and a file of this machine is nobody's business."""
    (tmp_path / "outside").write_text("FROM python:3.13\nCMD serve")
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout/Dockerfile").symlink_to("../outside")
    with pytest.raises(AttemptFailed, match="no file of the repository"):
        read_spec(tmp_path / "checkout")


def test_what_is_copied_must_be_there(tmp_path: Path) -> None:
    text = 'FROM python:3.13\nCOPY requirements.txt /x/\nCOPY ["gone one", "there", "/x/"]\nCMD serve'
    assert refusal(tmp_path, text, requirements="") == 'Build failed: "/gone one": not found'


def test_what_is_copied_from_elsewhere_is_not_looked_for(tmp_path: Path) -> None:
    text = (
        "FROM python:3.13\nARG WHAT\nCOPY --from=other /a /b\nADD https://example.org/x /x\nCOPY $WHAT *.nothing /x/\n"
        "COPY <<EOF /etc/y\ntext\nEOF\nCMD serve"
    )
    assert spec(tmp_path, text).start.text == "serve"


def test_without_a_command_one_would_have_to_know_the_image(tmp_path: Path) -> None:
    assert "no CMD" in refusal(tmp_path, "FROM python:3.13")


@pytest.mark.parametrize("line", ["-e .", "./vendored", "../x", "file:///x", "--editable=src"])
def test_packages_from_folders_are_refused(tmp_path: Path, line: str) -> None:
    message = refusal(tmp_path, "FROM python:3.13\nCMD serve", requirements=f"a==1\n{line}\n")
    assert message.startswith("Build failed: requirements.txt, line 2:")


def test_a_folder_in_an_included_file_is_refused_where_it_stands(tmp_path: Path) -> None:
    text = "FROM python:3.13\nCMD serve"
    message = refusal(tmp_path, text, requirements="a==1\n-r more.txt\n", more="\nb==1 \\\n  # c\n./lib\n")
    assert message.startswith("Build failed: more.txt, line 4:")
