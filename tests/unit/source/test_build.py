"""What RUN lines ask for and do not get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.config import load
from tests.unit.source.backends import APP, CMD_LINE, LOCK, REQUIREMENTS, Fault, backend, dockerfile, locked
from tests.unit.source.conftest import Make, said

VCS = "shop @ git+https://git.example/shop.git@v1\n"


def built(line: str, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    return backend({"Dockerfile": dockerfile(middle=f"{line}\n"), **(changes or {})})


FAULTS: Mapping[str, Fault] = {
    "apt-get that asks": Fault(
        built("RUN apt-get update && apt-get install --no-install-recommends ffmpeg"),
        "T002", "install-asks", CMD_LINE, "warning",
    ),
    "apt that asks in a here-document": Fault(
        built("RUN <<SETUP\nset -e\napt install git\nSETUP"), "T002", "install-asks", CMD_LINE, "warning"
    ),
    "dnf that asks": Fault(built("RUN dnf install gcc"), "T002", "install-asks", CMD_LINE, "warning"),
    "repository among hashes": Fault(
        locked(changes={"requirements.txt": LOCK + VCS}), "T003", "hash-impossible", "backend/requirements.txt:5"
    ),
    "folder to work on among hashes": Fault(
        locked(changes={"requirements.txt": f"-e ./lib\n{LOCK}"}),
        "T003", "hash-impossible", "backend/requirements.txt:1",
    ),
    "repository among hashes, for uv perhaps": Fault(
        locked(changes={"requirements.txt": LOCK + VCS, "Dockerfile": dockerfile(middle="RUN uv pip check\n")}),
        "T003", "hash-impossible", "backend/requirements.txt:5", "warning",
    ),
    "build of another index": Fault(
        backend({"requirements.txt": f"{REQUIREMENTS}torchvision==0.20.1+cpu\n"}),
        "T003", "index-missing", "backend/requirements.txt:3", "warning",
    ),
    "build of another index, in the Dockerfile": Fault(
        built("RUN pip install jaxlib==0.4.30+cuda12.cudnn91"), "T003", "index-missing", CMD_LINE, "warning"
    ),
    "secret that nobody declares": Fault(
        built("RUN --mount=type=cache,target=/c --mount=type=secret,id=INDEX_KEY ./fetch.sh"),
        "T007", "mount-undeclared", CMD_LINE, "warning",
    ),
    "required secret that nobody declares": Fault(
        built("RUN --mount=id=MODEL_PASS,required=true,type=secret ./fetch.sh"),
        "T007", "mount-undeclared", CMD_LINE, "warning",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_is(name: str, project: Make) -> None:
    fault = FAULTS[name]
    assert [item for item in said(project(fault.files).check()) if item[1] == fault.code] == fault.expected


@pytest.mark.parametrize(
    "line",
    [
        "RUN apt-get install -y --no-install-recommends ffmpeg",
        "RUN apt-get -qqy install ffmpeg",
        "RUN yes | apt-get install ffmpeg",
        "RUN apt-get install --assume-yes ffmpeg",
        "RUN apk add ffmpeg",
        "RUN echo 'APT::Get::Assume-Yes \"1\";' > /etc/apt/apt.conf.d/9y && apt-get install ffmpeg",
        "RUN pip install --extra-index-url https://download.pytorch.org/whl/cpu torch==2.4.1+cpu",
        "ENV PIP_EXTRA_INDEX_URL=https://wheels.example/\nRUN pip install thing==1.0+own",
        "RUN pip install 'thing @ https://wheels.example/thing-1.0+own-py3-none-any.whl'",
    ],
)
def test_what_is_answered_or_has_its_index_is_well(line: str, project: Make) -> None:
    assert not {finding.code for finding in project(built(line)).check()} & {fault.code for fault in FAULTS.values()}


def test_an_index_that_the_list_names_is_enough(project: Make) -> None:
    text = f"--extra-index-url https://download.pytorch.org/whl/cpu\n{REQUIREMENTS}torch==2.4.1+cpu\n"
    assert project(backend({"requirements.txt": text})).check() == ()


def test_a_repository_among_lines_without_hashes_is_well(project: Make) -> None:
    assert project(backend({"main.py": APP, "requirements.txt": REQUIREMENTS + VCS})).check() == ()


def test_a_secret_that_some_target_declares_may_be_mounted(project: Make, tmp_path: Path) -> None:
    made = project(FAULTS["secret that nobody declares"].files)
    text = "default = 'live'\n[targets.live]\nspace = 'o/s'\n[targets.live.secrets]\nINDEX_KEY = {}\n"
    (tmp_path / "deploy.toml").write_text(text)
    assert replace(made, config=replace(made.config, targets=load(tmp_path).targets)).check() == ()
