"""Values of secrets go to the Hub and nowhere else: not into output, files, logs or the list of processes."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import MAIN, Project
from tests.integration.pipeline.running import Running

GIVEN = "Vq8/first+given=value&7"
PIPED = "Zt5/second+piped=value&9"
LEAKING = f"""{MAIN}
import base64
import sys

print("the key is", os.environ["API_KEY"], file=sys.stderr, flush=True)
print("or", base64.b64encode(os.environ["API_KEY"].encode()).decode(), flush=True)
raise RuntimeError("cannot use " + os.environ["API_KEY"])
"""


def forms(value: str) -> set[str]:
    return {value, quote(value, safe=""), base64.b64encode(value.encode()).decode()}


@contextmanager
def argument_lists() -> Iterator[set[str]]:
    """The arguments of every process that is seen while the block lasts."""
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(file.read_bytes().decode("utf-8", "replace"))
                except OSError:
                    continue
            done.wait(0.02)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def test_a_deploy_that_goes_wrong_in_every_way_tells_no_secret(project: Project, hub: Hub) -> None:
    project.secrets = {"API_KEY": {}, "MADE": {"generate": "urlsafe:48"}}
    project.env["API_KEY"] = GIVEN
    project.declare()
    said: list[str] = []

    def run(*arguments: str, code: int, stdin: str = "") -> None:
        running: Running = project.start(*arguments, stdin=stdin)
        said.append(running.finish().ended(code).text)

    with argument_lists() as arguments:
        run("deploy", "--without-rehearsal", "--json", code=0)
        run("secrets.rotate", "API_KEY", "--stdin", code=0, stdin=f"{PIPED}\n")
        run("secrets.plan", code=2)
        project.write("backend/main.py", LEAKING)
        run("deploy", "--without-rehearsal", code=10)  # what is given is older than the rotation
        run("deploy", "--without-rehearsal", "--older", code=50)
        run("logs", code=0)
        run("status", "--json", code=0)
        run("history", code=0)
    kept = [file for file in (project.root / ".spacewright").rglob("*") if file.is_file()]
    assert kept
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept if file.suffix == ".json")
    assert any("deploy" in words for words in arguments)
    places = {
        "output": "\n".join(said),
        "files": "\n".join(file.read_text(encoding="utf-8") for file in kept),
        "the Hub's log": hub.log(),
        "arguments": "\n".join(arguments),
        "what the Hub tells": repr(project.seen()),
    }
    for place, text in places.items():
        for secret in (GIVEN, PIPED, hub.token):
            assert not [form for form in forms(secret) if form in text], f"a secret is in: {place}"
