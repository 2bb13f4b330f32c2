"""What an image is made of, as one key: equal inputs, equal key, and so no second build."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping

from deploy.dockerfile import DockerfileError, parse
from deploy.dockerfile.layout import outside_images


def base_images(dockerfile: str) -> tuple[str, ...]:
    """The images from outside that a Dockerfile builds on or copies from, each once, in order.

    Nothing for one that does not parse: building it will say so.
    """
    try:
        parsed = parse(dockerfile)
    except DockerfileError:
        return ()
    return tuple(dict.fromkeys(outside_images(parsed)))


def inputs_key(
    *,
    revision: str,
    bases: Iterable[str],
    build_args: Mapping[str, str],
    secrets: Iterable[str],
    platform: str,
    demands: str,
    identify: Callable[[str], str | None],
) -> str | None:
    """The key, 64 hex digits; None when some base image cannot be identified, so that equality is not known.

    `identify` gives the id or digest that a reference stands for now. The Dockerfile is part of the
    revision. Secrets count by name: their values are mounted for a step, and must leave no trace in an image.
    """
    identities = {base: identify(base) for base in bases}
    if not all(identities.values()):
        return None
    document = {
        "revision": revision,
        "bases": identities,
        "build_args": dict(build_args),
        "secrets": sorted(secrets),
        "platform": platform,
        "demands": demands,
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
