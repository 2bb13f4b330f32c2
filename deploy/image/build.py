"""Building the image of a staged source, once for each set of inputs that has passed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.errors import BuildFailed
from deploy.image.engine import BuildRequest, Engine, Image
from deploy.image.inputs import base_images, inputs_key
from deploy.secret import Secret

REVISION = "spacewright.revision"
SOURCE_SHA = "spacewright.source-sha"
INPUTS = "spacewright.inputs"
PROJECT = "spacewright.project"

KEPT = 10
"""Names of one project's images that stay in the engine's store; one that passed has two."""
_TAG_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """What to build. `staged` is a folder that holds exactly what would be shipped, REVISION included.

    `revision` names its content, `source_sha` the commit it comes from (None outside git). As on a
    Space, `variables` become build args and `secrets` mounts. `timeout` in seconds. `demands` is what its
    container has to pass, in any words: an image that passed other demands has not passed these.
    """

    project: str
    staged: Path
    revision: str
    source_sha: str | None
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    timeout: float
    demands: str = ""


@dataclass(frozen=True, kw_only=True)
class BuildOutcome:
    """The image; whether it was there already; how long it took. `key` None: it cannot be reused later."""

    image: Image
    reused: bool
    seconds: float
    key: str | None

    @property
    def summary(self) -> str:
        """In the words of one line: how large it is, or why nothing was built."""
        size = f"{self.image.size / 1_000_000:.0f} MB, {self.image.layers} layers"
        return f"{size}, built and passed before" if self.reused else size

    def as_document(self) -> dict[str, object]:
        """The same facts for `--json`: `size` in bytes."""
        return {
            "image": self.image.tag,
            "digest": self.image.id,
            "size": self.image.size,
            "layers": self.image.layers,
            "revision": self.image.labels.get(REVISION),
            "reused": self.reused,
            "seconds": round(self.seconds, 2),
        }


def build_image(
    engine: Engine,
    source: ImageSource,
    *,
    on_line: Callable[[str], None] | None = None,
) -> BuildOutcome:
    """Builds, unless an image of the same inputs has passed before (see `mark_passed`).

    Raises BuildFailed or EngineUnavailable.
    """
    started = time.monotonic()
    key = _key(engine, source)
    passed = engine.find_image(_passed_tag(source.project, key)) if key else None
    if passed is not None and passed.labels.get(INPUTS) == key:
        return BuildOutcome(image=passed, reused=True, seconds=time.monotonic() - started, key=key)
    image = engine.build(_request(source, key), on_line)
    engine.remove_untagged(f"{PROJECT}={repository(source.project)}")
    return BuildOutcome(image=image, reused=False, seconds=time.monotonic() - started, key=key)


def mark_passed(engine: Engine, source: ImageSource, outcome: BuildOutcome) -> None:
    """Remembers, in the engine's store, that this image serves. Older ones beyond `KEPT` lose their names.

    A tag and not a label: labels cannot be added to an image that is built.
    """
    if outcome.key:
        engine.tag(outcome.image, _passed_tag(source.project, outcome.key))
    for reference in engine.tags(repository(source.project))[KEPT:]:
        engine.remove_tag(reference)


def repository(project: str) -> str:
    """The name under which a project's images are kept: lower-case words, as Docker wants them."""
    words = "-".join(re.findall(r"[a-z0-9]+", project.lower()))
    return f"spacewright/{words or 'project'}"


def _key(engine: Engine, source: ImageSource) -> str | None:
    return inputs_key(
        revision=source.revision,
        bases=base_images(_dockerfile(source.staged)),
        build_args=source.variables,
        secrets=source.secrets,
        platform=engine.platform,
        demands=source.demands,
        identify=lambda reference: _identity(engine, reference),
    )


def _identity(engine: Engine, reference: str) -> str | None:
    """BuildKit takes a base image from the engine's store first, and from its registry otherwise."""
    image = engine.find_image(reference)
    return image.id if image else engine.published_digest(reference)


def _request(source: ImageSource, key: str | None) -> BuildRequest:
    labels = {REVISION: source.revision, PROJECT: repository(source.project)}
    labels |= {SOURCE_SHA: source.source_sha} if source.source_sha else {}
    labels |= {INPUTS: key} if key else {}
    return BuildRequest(
        context=source.staged,
        tag=f"{repository(source.project)}:{source.revision[:_TAG_DIGITS]}",
        build_args=source.variables,
        secrets=source.secrets,
        labels=labels,
        timeout=source.timeout,
    )


def _passed_tag(project: str, key: str) -> str:
    return f"{repository(project)}:passed-{key[:_TAG_DIGITS]}"


def _dockerfile(staged: Path) -> str:
    try:
        return (staged / "Dockerfile").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BuildFailed(
            "There is no Dockerfile at the root of the source.",
            cause="a Docker Space is built from the file Dockerfile beside its README.md",
            next_step="add one; invoke check says what it needs",
        ) from error
    except UnicodeDecodeError as error:
        raise BuildFailed(
            f"The Dockerfile is not UTF-8 text (byte {error.start}).", next_step="save it as UTF-8"
        ) from error
