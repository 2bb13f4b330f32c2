"""Equal inputs, equal key."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.image.inputs import base_images, inputs_key

DOCKERFILE = """\
ARG PYTHON=3.13
FROM python:${PYTHON}-slim AS build
COPY --from=tools:1 /bin/uv /bin/
RUN --mount=type=bind,from=cache:2,target=/cache true
FROM build AS test
FROM python:${PYTHON}-slim
COPY --from=build /venv /venv
COPY --from=1 /report /report
"""


def key(**changes: Any) -> str | None:
    fields: dict[str, Any] = {
        "revision": "a" * 40,
        "bases": ("python:3.13-slim",),
        "build_args": {"LEVEL": "info"},
        "secrets": ("TOKEN",),
        "platform": "linux/x86_64",
        "demands": "serves",
        "identify": lambda reference: f"sha256:of-{reference}",
        **changes,
    }
    return inputs_key(**fields)


def test_every_image_from_outside_is_found_once() -> None:
    assert base_images(DOCKERFILE) == ("python:3.13-slim", "tools:1", "cache:2")


def test_scratch_and_a_dockerfile_that_does_not_parse_have_none() -> None:
    assert base_images("FROM scratch\nCOPY a /a\n") == ()
    assert base_images("RUNN\n") == ()


def test_the_key_is_stable() -> None:
    assert key() == key(secrets=["TOKEN"], build_args={"LEVEL": "info"})
    assert len(key() or "") == 64


@pytest.mark.parametrize(
    "change",
    [
        {"revision": "b" * 40},
        {"bases": ("python:3.14-slim",)},
        {"build_args": {"LEVEL": "debug"}},
        {"secrets": ()},
        {"platform": "linux/aarch64"},
        {"demands": "serves and answers"},
        {"identify": lambda _reference: "sha256:newer"},
    ],
    ids=["tree", "base", "build-arg", "secret-name", "platform", "demands", "moved-tag"],
)
def test_each_input_changes_it(change: dict[str, Any]) -> None:
    assert key(**change) != key()


def test_an_unknown_base_image_makes_no_key() -> None:
    assert key(identify=lambda _reference: None) is None
