"""A secret that a build leaves in its image is found by value, also in a layer that was kept from another build."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.errors import SmokeFailed
from deploy.image.build import BuildOutcome, repository
from deploy.image.contents import search
from deploy.image.engine import Engine
from deploy.image.smoke import smoke_image
from deploy.pipeline.proofs import of_layers, of_rehearsal
from deploy.pipeline.steps.build import build
from deploy.pipeline.steps.candidate import Candidate
from deploy.pipeline.steps.layers import search_layers
from deploy.pipeline.steps.smoke import smoke
from deploy.pipeline.steps.source import staged_source
from deploy.secret import Secret
from deploy.settings import Settings
from tests.integration.image.conftest import COMMAND, CONFIG, FOLDER, Sample, environment
from tests.saboteurs.images import LEAKS, SECRET, LeakSaboteur
from tests.specification import OF_CHECK
from tests.unit.ground.builders import Recorded, configured

KEEPS = f"RUN --mount=type=secret,id={SECRET} cat /run/secrets/{SECRET} > /srv/key # {{unique}}"


@dataclass
class Workshop:
    """Projects on one engine, each in a folder of its own, and removed with their images."""

    docker: Engine
    folder: Path
    roots: list[Path] = field(default_factory=list)

    def project(self, steps: str, value: str = "") -> Path:
        root = self.folder / f"leak-{secrets.token_hex(6)}"
        shutil.copytree(FOLDER, root / "backend")
        dockerfile = root / "backend/Dockerfile"
        dockerfile.write_text(dockerfile.read_text().replace("USER 1000", f"{steps}\nUSER 1000"))
        if value:
            (root / "backend/settings.env").write_text(f"{SECRET}={value}\n")
        (root / "deploy.toml").write_text(f"{CONFIG}[secrets]\n{SECRET} = {{}}\n")
        self.roots.append(root)
        return root

    def tried(self, root: Path, recorded: Recorded | None = None, **known: str) -> tuple[Candidate, BuildOutcome]:
        config = configured(root, (root / "deploy.toml").read_text())
        console = (recorded or Recorded()).console
        values = {name: Secret(value) for name, value in known.items()}
        settings = Settings(variables={}, secrets=values, token=None)
        with staged_source(config, config.target(), console) as staged:
            candidate = Candidate.of(self.docker, config, config.target(), settings, staged)
            return candidate, build(candidate, console)

    def clear(self) -> None:
        for root in self.roots:
            for tag in self.docker.tags(repository(root.name)):
                self.docker.remove_tag(tag)


@pytest.fixture
def workshop(docker: Engine, tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(docker, tmp_path)
    yield made
    made.clear()


@pytest.mark.parametrize("saboteur", LEAKS, ids=lambda saboteur: saboteur.name)
def test_a_leaking_image_turns_its_task_red_and_no_other(saboteur: LeakSaboteur, workshop: Workshop) -> None:
    value = secrets.token_urlsafe(24)
    root = workshop.project(saboteur.steps.format(value=value), value)
    candidate, outcome = workshop.tried(root, API_KEY=value)
    contents = search_layers(candidate, outcome, Recorded().console)
    report = smoke_image(workshop.docker, candidate.request(outcome.image.id))
    proofs = (*of_layers(outcome, contents, (SECRET,)), *of_rehearsal(outcome, report, read_only=False))
    failed = [proof for proof in proofs if proof.verdict == "failed"]
    assert {OF_CHECK[proof.check].id for proof in failed} == set(saboteur.tasks), [proof.line for proof in failed]
    assert value not in repr(proofs)
    with pytest.raises(SmokeFailed, match=SECRET):
        contents.require_clean()


def test_a_good_image_turns_nothing_red(workshop: Workshop) -> None:
    candidate, outcome = workshop.tried(workshop.project("RUN true"), API_KEY=secrets.token_urlsafe(24))
    recorded = Recorded()
    contents = search_layers(candidate, outcome, recorded.console)
    assert (contents.leaks, contents.unreadable) == ((), "")
    assert contents.layers == outcome.image.layers
    assert contents.size >= outcome.image.size
    assert "✓ layers      none of 1 secret in " in recorded.said


def test_a_layer_that_was_kept_from_an_earlier_build_is_still_red(workshop: Workshop) -> None:
    """BuildKit does not look at the value of a secret: the second build mounts nothing anew."""
    steps = KEEPS.format(unique=secrets.token_hex(8))
    places = []
    for root in (workshop.project(steps), workshop.project(steps)):
        candidate, outcome = workshop.tried(root)
        assert not outcome.reused
        places.append(search_layers(candidate, outcome, Recorded().console).leaks[0].where)
    assert places[0] == places[1]
    assert places[0].endswith(": srv/key")
    assert f"cat /run/secrets/{SECRET} > /srv/key" in places[0]


def test_a_declared_stand_in_is_mounted_as_it_is(workshop: Workshop) -> None:
    root = workshop.project(
        f"RUN --mount=type=secret,id={SECRET} test \"$(cat /run/secrets/{SECRET})\" = 'as declared'"
    )
    (root / "deploy.toml").write_text(f'{CONFIG}[secrets]\n{SECRET} = {{ rehearse = "as declared" }}\n')
    candidate, outcome = workshop.tried(root)
    assert search_layers(candidate, outcome, Recorded().console).leaks == ()


def test_an_image_that_passed_is_searched_for_a_secret_that_was_set_since(workshop: Workshop) -> None:
    root = workshop.project("COPY settings.env .", "found out later on")
    candidate, outcome = workshop.tried(root)
    smoke(candidate, outcome, Recorded().console)
    candidate, outcome = workshop.tried(root, API_KEY="found out later on")
    assert outcome.reused
    [leak] = search_layers(candidate, outcome, Recorded().console).leaks
    assert leak.where.endswith("settings.env")


def test_an_image_that_another_engine_would_compress_is_the_same(docker: Engine, sample: Sample) -> None:
    """What this engine saves is read to the end, a piece at a time."""
    image = docker.find_image(sample.image)
    assert image is not None
    revision = "listening on {host}:{port}"  # of the sample's main.py
    contents = search(lambda: docker.saved(image), [("A", Secret(revision)), ("B", Secret("b" * 40))])
    assert [leak.where.rpartition(": ")[2] for leak in contents.leaks] == ["srv/main.py"]


def test_the_command_ends_with_names_and_places_and_no_value(workshop: Workshop) -> None:
    value = secrets.token_urlsafe(24)
    root = workshop.project("COPY settings.env .\nRUN rm settings.env", value)
    done = subprocess.run(
        [*COMMAND, "smoke", "--json"],
        env=environment(root, API_KEY=value),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 22, done.stderr
    document = json.loads(done.stdout)
    assert "holds the value of API_KEY" in document["what"]
    assert "settings.env" in document["cause"]
    assert value not in done.stdout + done.stderr
