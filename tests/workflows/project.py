"""This project as a repository on GitHub, and as the fresh clone of it that a runner checks out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.workflows.workflow import ROOT

LOCKS = ("requirements.txt", "requirements-verify.txt", "requirements-dev.txt")


def published(into: Path) -> Path:
    """A clone of what is committed, where what stands in the work tree beside it is committed too."""
    git("clone", "--quiet", str(ROOT), str(into))
    for name in filter(None, git("ls-files", "-co", "--exclude-standard", "--deduplicate", "-z").split("\0")):
        _overlay(ROOT / name, into / name)
    commit(into, "What stands in the work tree")
    return into


def clone(repository: Path, into: Path) -> Path:
    """A fresh clone that `./dev` finds ready to run."""
    git("clone", "--quiet", "--depth=1", repository.as_uri(), str(into))
    lend_environment(into)
    return into


def lend_environment(project: Path) -> None:
    """The environment that runs this test, as `./dev` would have made it: a minute of installing less.

    Its programs and packages are links; what `./dev` looks at to tell whether it fits is the clone's own.
    """
    venv, lent = project / ".venv", Path(sys.prefix)
    (venv / "ready").mkdir(parents=True)
    for name in ("bin", "lib", "pyvenv.cfg"):
        (venv / name).symlink_to(lent / name)
    for lock in LOCKS:
        shutil.copy(project / lock, venv / "ready" / lock)
    (venv / "ready" / "root").write_text(f"{project}\n")


def aim(project: Path, hub: str, owner: str) -> None:
    """Make staging and production Spaces of `owner` on the Hub at that address."""
    config = project / "deploy.toml"
    text = config.read_text().replace('space = "your-name/', f'hub = "{hub}"\npoll = 0.1\nspace = "{owner}/')
    assert text.count(hub) == 2
    config.write_text(text)
    demand_serving(project)
    commit(project, "Aim at another Hub")


def demand_serving(project: Path) -> None:
    """Ask of a release that it serves, and not for the whole suite: two minutes less for each."""
    config = project / "deploy.toml"
    text = config.read_text()
    assert text.count('suite = "full"') == 1
    config.write_text(text.replace('suite = "full"', 'suite = "serving"'))


def commit(project: Path, message: str) -> None:
    git("add", "--all", cwd=project)
    git("commit", "--quiet", "--allow-empty", "--message", message, cwd=project)


def git(*arguments: str, cwd: Path = ROOT) -> str:
    """A git command by nobody in particular, whatever this machine's settings are."""
    identity = {f"GIT_{who}_{what}": "test@invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **identity}
    return subprocess.run(["git", *arguments], cwd=cwd, env=env, check=True, capture_output=True, text=True).stdout


def _overlay(source: Path, target: Path) -> None:
    if not source.exists():
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
