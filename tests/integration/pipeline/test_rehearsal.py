"""What is shipped was built and booted here before, where there is an engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.image.build import repository
from deploy.image.engine import Engine
from tests.integration.pipeline.project import MAIN, Project


@pytest.fixture(autouse=True)
def no_image_left(docker: Engine, project: Project) -> Iterator[None]:
    """A project keeps its newest images; nobody comes back for these."""
    yield
    for reference in docker.tags(repository(project.root.name)):
        docker.remove_tag(reference)


def rehearsed(project: Project) -> None:
    """The containers of a rehearsal have no folder of this machine to note their starts in."""
    del project.variables["BOOT_LOG"]
    project.declare()


def test_what_boots_in_a_container_is_shipped_and_its_image_is_named(docker: Engine, project: Project) -> None:
    rehearsed(project)
    document = project.run("deploy", "--json").ended(0).document
    assert document["verdict"] == "deployed"
    assert document["image"].startswith("sha256:")
    assert document["not_rehearsed"] == []
    names = [step["name"] for step in document["steps"]]
    assert names.index("build") < names.index("smoke") < names.index("lease") < names.index("commit")
    release = project.run("history", "--json").ended(0).document["releases"][0]["release"]
    assert release["image"] == document["image"]


def test_what_fails_in_a_container_never_reaches_the_space(docker: Engine, served: Project) -> None:
    rehearsed(served)
    before = served.seen()
    served.write("backend/main.py", f"{MAIN}\nimport os\n\nos.environ['PAYMENT_KEY']\n")
    outcome = served.run("deploy", "--json").ended(22)
    assert outcome.document["error"] == "SmokeFailed"
    assert "PAYMENT_KEY" in outcome.err
    assert outcome.writes == {}
    assert served.seen() == before


def test_an_image_that_keeps_a_secret_never_reaches_the_space(docker: Engine, served: Project) -> None:
    rehearsed(served)
    served.secrets = {"PAYMENT_KEY": {"generate": "urlsafe:32"}}
    served.declare()
    before = served.seen()
    keeps = "RUN --mount=type=secret,id=PAYMENT_KEY cp /run/secrets/PAYMENT_KEY /home/kept\n"
    served.edit("backend/Dockerfile", "COPY . .\n", f"COPY . .\n{keeps}")
    for _ in ("built anew", "from layers that were kept"):
        outcome = served.run("deploy", "--json").ended(22)
        assert "holds the value of PAYMENT_KEY" in outcome.document["what"]
        assert "home/kept" in outcome.document["cause"]
        assert outcome.writes == {}
    assert served.seen() == before


def test_a_step_of_the_dockerfile_that_fails_never_reaches_the_space(docker: Engine, served: Project) -> None:
    rehearsed(served)
    before = served.seen()
    served.edit("backend/Dockerfile", "COPY . .\n", "COPY . .\nRUN echo 'no such luck' && false\n")
    outcome = served.run("deploy", "--json").ended(21)
    assert outcome.document["error"] == "BuildFailed"
    assert "no such luck" in outcome.err
    assert outcome.writes == {}
    assert served.seen() == before
