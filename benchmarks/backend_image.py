"""The image against the one that the Dockerfile in the documentation of Spaces gives for the same source.

Size, a build from nothing (packages downloaded), and a build after a change of one line of code. The base image is
the same for both, so what differs is what the Dockerfiles do. Images are removed afterwards.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.load.contestants import ROOT
from benchmarks.load.rounds import Budget, judge, spread
from deploy.errors import EngineUnavailable
from deploy.image.engine import BuildRequest, Engine

TIMEOUT = 600.0
MOST_OF_SIZE = 1.05
WARM_BUILDS = 3
_AS_DOCUMENTED = """\
FROM python:3.13-slim
RUN useradd -m -u 1000 user
USER user
ENV PATH="/home/user/.local/bin:$PATH"
WORKDIR /app
COPY --chown=user ./requirements.txt requirements.txt
RUN pip install --no-cache-dir --upgrade -r requirements.txt
COPY --chown=user . /app
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "7860"]
"""
"""The steps of https://huggingface.co/docs/hub/spaces-sdks-docker-first-demo, on the base image of ours."""


def main() -> int:
    try:
        engine = Engine.connect()
    except EngineUnavailable as error:
        print(f"not measured: {error.what}")
        return 0
    documented = (ROOT / "backend" / "Dockerfile").read_text(encoding="utf-8")
    theirs = _measure(engine, "as documented", _AS_DOCUMENTED)
    ours = _measure(engine, "task service", documented)
    engine.close()
    return judge([Budget(what="size, of the documented", ratio=spread([ours / theirs]), most=MOST_OF_SIZE)])


def _measure(engine: Engine, name: str, dockerfile: str) -> int:
    """Builds and tells; the size in bytes."""
    tag = f"spacewright/benchmark:{name.replace(' ', '-')}"
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        context = Path(folder) / "backend"
        shutil.copytree(ROOT / "backend", context, ignore=shutil.ignore_patterns("__pycache__"))
        (context / "Dockerfile").write_text(dockerfile, encoding="utf-8")
        try:
            size, cold = _build(engine, context, tag, fresh=True)
            warm = spread(_rebuild(engine, context, tag, turn) for turn in range(WARM_BUILDS))
        finally:
            engine.remove_tag(tag)
    print(f"  {name:14} {size / 1e6:.0f} MB, {cold:.1f} s from nothing, {warm.text(1)} s after a change of code")
    return size


def _rebuild(engine: Engine, context: Path, tag: str, turn: int) -> float:
    with (context / "main.py").open("a", encoding="utf-8") as file:
        file.write(f"# {time.time_ns()} {turn}\n")
    return _build(engine, context, tag, fresh=False)[1]


def _build(engine: Engine, context: Path, tag: str, *, fresh: bool) -> tuple[int, float]:
    started = time.perf_counter()
    image = engine.build(BuildRequest(context=context, tag=tag, timeout=TIMEOUT, fresh=fresh))
    return image.size, time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
