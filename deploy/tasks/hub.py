"""The local Hub: starting it, finding it, stopping it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.tasks.base import command, console, project_root
from deploy.tasks.connection import hub_home

if TYPE_CHECKING:
    from deploy.localhub import HubInfo

NOT_RUNNING = "No local Hub runs. Start it with: invoke hub.up"
FLAGS = {
    "port": "where to listen (default: where it did last, else 7960 or the next free port)",
    "runtime": "docker, process, or auto: containers when a Docker engine answers, else processes",
}


@command(flags=FLAGS)
def up(_: Any, port: int = 0, runtime: str = "auto", json: bool = False) -> None:
    """Start the local Hub, unless it runs already."""
    from deploy import localhub

    with console().step("local Hub") as step:
        info = localhub.up(home(), port=port or None, runtime=runtime)
        step.note(f"{info.url}, {info.runtime} runtime")
    console().result(document(info))


@command()
def down(_: Any, json: bool = False) -> None:
    """Stop the local Hub and the Spaces it runs; what they hold stays."""
    from deploy import localhub

    stopped = localhub.down(home())
    console().result({"stopped": stopped}, "The local Hub is stopped." if stopped else NOT_RUNNING)


@command()
def status(_: Any, json: bool = False) -> None:
    """Where the local Hub is, and how many Spaces it has."""
    from deploy import localhub

    info = localhub.status(home())
    text = f"{info.url}, {info.runtime} runtime, Spaces: {info.spaces}" if info else NOT_RUNNING
    console().result(document(info), text)


@command(name="open")
def open_(_: Any, json: bool = False) -> None:
    """Show the local Hub in the browser, and print its address."""
    import webbrowser

    from deploy import localhub

    info = localhub.up(home())
    opened = webbrowser.open(info.url)
    console().result({**document(info), "opened": opened}, info.url)


def home() -> Path:
    """Where this project's local Hub keeps its state."""
    return hub_home(project_root(os.environ, Path.cwd()))


def document(info: HubInfo | None) -> dict[str, object]:
    """What `--json` tells. The token stays in its file, for those who may read that."""
    if info is None:
        return {"running": False}
    facts = {"url": info.url, "pid": info.pid, "runtime": info.runtime, "spaces": info.spaces}
    return {"running": True, **facts, "home": str(info.home), "token_file": str(info.home / "token")}
