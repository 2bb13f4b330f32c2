"""What RUN lines ask for, found among the files as they are when each line runs."""

from __future__ import annotations

import pytest

from deploy.dockerfile import parse
from deploy.requirements.run_lines import requests

CONTEXT = frozenset({"requirements.txt", "api/reqs.txt", "lib/pyproject.toml", "wheels/own.whl", "pyproject.toml"})


def asked(lines: str) -> list[tuple[str, str]]:
    found = requests(parse(f"FROM python:3.13-slim AS first\n{lines}\n"), CONTEXT)
    return [(request.kind, request.text) for request in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("COPY api/reqs.txt /x/\nRUN pip install -r /x/reqs.txt", [("file", "api/reqs.txt")]),
        ("COPY api /x\nRUN cd /x && pip install -rreqs.txt", [("file", "api/reqs.txt")]),
        (
            "COPY api/reqs.txt requirements.txt\nRUN pip install -r requirements.txt\nCOPY . .",
            [("file", "api/reqs.txt")],
        ),
        ("WORKDIR /x\nCOPY api/reqs.txt .\nRUN pip install -r reqs.txt\nWORKDIR /y", [("file", "api/reqs.txt")]),
        ("RUN --mount=type=bind,target=. pip install -r api/reqs.txt", [("file", "api/reqs.txt")]),
        ("RUN pip install -r /code/requirements.txt", [("file", "requirements.txt")]),
        ("RUN pip install -r gone.txt", [("unknown", "gone.txt")]),
        ("COPY . /x\nRUN uv pip install -r /x/pyproject.toml", [("project", "pyproject.toml")]),
        ("COPY lib /build\nRUN pip install /build", [("project", "lib/pyproject.toml")]),
        ("COPY lib /build\nRUN pip install --editable=/build/", [("project", "lib/pyproject.toml")]),
        ("COPY api /build\nRUN pip install /build", [("unknown", "/build")]),
        ("RUN pip install ./lib", [("project", "lib/pyproject.toml")]),
        ("RUN pip install --group dev --group=test", [("tool", "pyproject.toml"), ("tool", "pyproject.toml")]),
        ("RUN pip wheel -w /w -r requirements.txt && pip install /w/*", [("file", "requirements.txt")]),
        ("COPY wheels /w\nRUN pip install /w/*.whl", [("unknown", "/w/*.whl")]),
        (
            "RUN pip install $(cat list) git+https://example.org/o/x.git",
            [("unknown", "$(cat"), ("unknown", "list)"), ("word", "git+https://example.org/o/x.git")],
        ),
        ("RUN micromamba install -f env.yml", [("unknown", "micromamba")]),
        ("COPY api/reqs.txt /x/\nFROM first\nRUN pip install -r /x/reqs.txt", [("file", "api/reqs.txt")]),
    ],
)
def test_a_line_asks_for_what_it_finds(lines: str, expected: list[tuple[str, str]]) -> None:
    assert asked(lines) == expected


LOCKS = CONTEXT | {"uv.lock", "lib/uv.lock", "api/poetry.lock"}


@pytest.mark.parametrize(
    ("lines", "lock"),
    [
        ("COPY lib /x\nWORKDIR /x\nRUN uv sync --frozen", "lib/uv.lock"),
        ("COPY . /x\nRUN uv --directory /x/lib sync", "lib/uv.lock"),
        ("WORKDIR /x\nCOPY . .\nRUN uv sync --project=lib", "lib/uv.lock"),
        ("WORKDIR /x\nCOPY . .\nRUN uv sync -p 3.12", "uv.lock"),
        ("RUN --mount=type=bind,source=lib/uv.lock,target=uv.lock uv sync", "lib/uv.lock"),
        ("RUN --mount=type=bind,target=. poetry install", "api/poetry.lock"),
        ("COPY lib /x\nRUN cd /x && pdm install", "lib/pdm.lock"),
    ],
)
def test_a_tool_has_its_lock_beside_the_project(lines: str, lock: str) -> None:
    found = requests(parse(f"FROM python:3.13-slim\n{lines}\n"), LOCKS)
    assert [(request.kind, request.text) for request in found] == [("tool", lock)]


@pytest.mark.parametrize("line", ["uv tool install poetry", "uv python install 3.13", "poetry config x install"])
def test_a_tool_that_installs_no_project_asks_for_none(line: str) -> None:
    assert asked(f"RUN {line}") == []


def test_extras_of_a_project_are_told() -> None:
    [request] = requests(parse("FROM a\nCOPY . .\nRUN pip install '.[web, db]'\n"), CONTEXT)
    assert (request.kind, request.extras, request.line) == ("project", ("web", "db"), 3)
