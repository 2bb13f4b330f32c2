"""From BuildKit's step titles back to lines of the Dockerfile."""

from __future__ import annotations

import pytest

from deploy.image.steps import step_line

ONE_STAGE = """\
FROM python:3.13-slim
ENV A=1
WORKDIR /srv
COPY requirements.txt .

RUN pip install \\
    -r requirements.txt
CMD ["python"]
"""
TWO_STAGES = """\
FROM python:3.13-slim AS build
RUN one
FROM build AS middle
RUN two
FROM python:3.13-slim
COPY --from=middle /a /a
"""


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("[2/4] WORKDIR /srv", 3),
        ("[3/4] COPY requirements.txt .", 4),
        ("[4/4] RUN pip install     -r requirements.txt", 6),
    ],
    ids=["workdir", "copy", "continued-run"],
)
def test_steps_of_the_only_stage(title: str, line: int) -> None:
    assert step_line(ONE_STAGE, title) == line


@pytest.mark.parametrize(
    ("title", "line"),
    [("[build 2/2] RUN one", 2), ("[middle 1/1] RUN two", 4), ("[stage-2 2/2] COPY --from=middle /a /a", 6)],
    ids=["named", "on-an-earlier-stage", "unnamed"],
)
def test_steps_of_several_stages(title: str, line: int) -> None:
    assert step_line(TWO_STAGES, title) == line


@pytest.mark.parametrize(
    "title",
    ["[internal] load build context", "[9/9] RUN x", "[2/4] RUN not-what-stands-there", "[1/4] FROM python", ""],
    ids=["internal", "beyond", "other-instruction", "from", "empty"],
)
def test_what_cannot_be_told_is_none(title: str) -> None:
    assert step_line(ONE_STAGE, title) is None


def test_a_dockerfile_that_does_not_parse_has_no_lines() -> None:
    assert step_line("RUNN x\n", "[2/2] RUN x") is None
