"""Saboteurs of the source: each changes a copy of the project, and the static checks look at that (T001 to T013)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.config import load
from deploy.pipeline.proofs import of_source
from deploy.proof import Proof
from deploy.source.checks import run_checks
from deploy.source.tree import read_tree
from tests.saboteurs.model import Saboteur

ROOT = Path(__file__).parents[2]
MAIN, DOCKERFILE, CARD = "backend/main.py", "backend/Dockerfile", "backend/README.md"
LOCK, INPUTS = "backend/requirements.txt", "backend/requirements.in"
LISTEN = "--host 0.0.0.0 --port ${PORT:-7860}"


@dataclass(frozen=True, kw_only=True)
class SourceSaboteur(Saboteur):
    """`edit` is given the root of the copy."""

    edit: Callable[[Path], object]


def copied(folder: Path) -> Path:
    """What the static checks look at: deploy.toml, the specification, the backend."""
    config = load(ROOT)
    assert config.source.spec is not None
    ignored = shutil.ignore_patterns("__pycache__", ".env*")
    for path in (config.source.path, config.source.spec.parent):
        shutil.copytree(path, folder / path.relative_to(ROOT), ignore=ignored)
    shutil.copy(ROOT / "deploy.toml", folder)
    return folder


def judged(root: Path) -> tuple[Proof, ...]:
    """The proofs of a copy's static checks."""
    config = load(root)
    tree = read_tree(config.source.path)
    return of_source(run_checks(config, tree), len(tree.files), specified=config.source.spec is not None)


def _without(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).unlink()


def _with(path: str, text: str) -> Callable[[Path], object]:
    """`text` at the end of the file, which may be a new one."""

    def edit(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


def _changed(path: str, old: str, new: str) -> Callable[[Path], object]:
    """Every `old`, a regular expression, as `new`; there must be one."""

    def edit(root: Path) -> None:
        text, found = re.subn(old, lambda _: new, (root / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert found, f"{path} has no {old}"
        (root / path).write_text(text, encoding="utf-8")

    return edit


def _listening(how: str) -> Callable[[Path], object]:
    return _changed(DOCKERFILE, re.escape(LISTEN), how)


def _server_forgotten(root: Path) -> None:
    """Out of the list and of its lock, as whoever forgot it would have it."""
    for path in (INPUTS, LOCK):
        _changed(path, r"^uvicorn\b.*\n(?:    .*\n)*", "")(root)
    _changed(LOCK, r"^# (?:inputs|pins) sha256:.*\n", "")(root)


def _saboteur(task: str, name: str, breaks: str, edit: Callable[[Path], object]) -> SourceSaboteur:
    return SourceSaboteur(name=name, breaks=breaks, tasks=(task,), kind="source", edit=edit)


SOURCES: tuple[SourceSaboteur, ...] = (
    _saboteur(
        "T001",
        "no specification",
        "The specification that deploy.toml names is not there",
        _without("specs/009-hf-backend-build/spec.md"),
    ),
    _saboteur("T002", "no Dockerfile", "Nothing says how the image is made", _without(DOCKERFILE)),
    _saboteur("T002", "no card", "The card of the Space is missing", _without(CARD)),
    _saboteur(
        "T002", "static Space", "The card asks for a Space that runs nothing", _changed(CARD, "^sdk: .*", "sdk: static")
    ),
    _saboteur("T003", "no server", "The server is not among the requirements", _server_forgotten),
    _saboteur(
        "T003",
        "nothing installed",
        "The image does not install the requirements",
        _changed(DOCKERFILE, r"^RUN pip .*\n", ""),
    ),
    _saboteur("T004", "no entry", "There is no main.py at the root", _without(MAIN)),
    _saboteur(
        "T004",
        "another entry",
        "The image starts another module than the declared one",
        _changed(DOCKERFILE, "uvicorn main:app", "uvicorn app.factory:app"),
    ),
    _saboteur(
        "T005",
        "app renamed",
        "main.py has no variable app",
        _changed(MAIN, r"^app = create_app", "service = create_app"),
    ),
    _saboteur("T006", "import not locked", "A module imports what no requirement brings", _with(MAIN, "import bs4\n")),
    _saboteur(
        "T006",
        "stale lock",
        "The lock was made from other requirements",
        _with(INPUTS, "\nhttpx2>=2\n"),
    ),
    _saboteur(
        "T007",
        "secret in the source",
        "A password is written into the code",
        _with("backend/app/config.py", '\nDATABASE_PASSWORD = "' + "Xk39" + 'fj20Zq7LwT4v"\n'),
    ),
    _saboteur(
        "T008",
        "hard-coded port",
        "The server listens on 8000, where no Space looks",
        _listening("--host 0.0.0.0 --port 8000"),
    ),
    _saboteur(
        "T008", "card of another port", "The card names another port", _changed(CARD, "^app_port: .*", "app_port: 8080")
    ),
    _saboteur(
        "T011",
        "server at import",
        "main.py starts a server of its own as it is imported",
        _with(MAIN, '\nimport uvicorn\n\nuvicorn.run(app, host="0.0.0.0", port=7860)\n'),
    ),
    _saboteur(
        "T013",
        "loopback",
        "The server can be reached from inside its container alone",
        _listening("--host 127.0.0.1 --port ${PORT:-7860}"),
    ),
    _saboteur(
        "T013",
        "port unexpanded",
        "The server is started with the letters $PORT in place of a port",
        _changed(DOCKERFILE, r"^CMD .*", 'CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "$PORT"]'),
    ),
)
