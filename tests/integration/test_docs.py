"""Every command that the documents show is run, in a fresh clone, and what they say it prints is compared."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.image.build import repository
from deploy.image.engine import Engine
from tests.real.processes import free_port
from tests.workflows.project import demand_serving

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^ *```(?P<kind>console|sh)\n(?P<body>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(\./dev [^`]+)`")
_VARIES = (
    (re.compile(r"^ *[✓–] audit .*"), "an audit, or why there was none"),
    (re.compile(r"https?://127\.0\.0\.1:\d+"), "URL"),
    (re.compile(r"held by \S+"), "held by WHO"),
    (re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b"), "DEPLOY"),
    (re.compile(r"\b[0-9a-f]{12}\b(-dirty)?"), "HASH"),
    (re.compile(r"\b\d+(\.\d+)?\b"), "N"),
)
_HUB = "127.0.0.1:7960"
"""Where the documents say the local Hub is; another one on this machine may have been first."""
_DELETE_SPACE = """
export HF_ENDPOINT=http://127.0.0.1:7960 HF_TOKEN="$(cat .spacewright/hub/token)"
hf repos delete local/tasks --type space --yes
"""
NOT_HERE = {"./dev test": "it is what runs this test"}


@dataclass(frozen=True)
class Shown:
    """A command of a document, with the output it shows (None: it shows none)."""

    page: str
    command: str
    output: tuple[str, ...] | None


def shown() -> list[Shown]:
    """In reading order; the README begins."""
    found: list[Shown] = []
    for page in PAGES:
        for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            lines = [line.strip() if block["kind"] == "sh" else line for line in block["body"].splitlines()]
            if block["kind"] == "sh":
                found.append(Shown(page.name, "\n".join(lines), None))
            else:
                found += _transcript(page.name, lines)
    return found


def inline() -> list[Shown]:
    commands = ((page.name, command) for page in PAGES for command in _INLINE.findall(page.read_text(encoding="utf-8")))
    return [Shown(page, command, None) for page, command in dict.fromkeys(commands) if command not in NOT_HERE]


def _transcript(page: str, lines: list[str]) -> list[Shown]:
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    ends = [*starts[1:], len(lines)]
    return [
        Shown(page, lines[start][2:], tuple(line for line in lines[start + 1 : end] if line.strip()))
        for start, end in zip(starts, ends, strict=True)
    ]


class Reader:
    """Someone with a fresh clone, typing what the documents say."""

    def __init__(self, clone: Path) -> None:
        self.clone = clone
        self.env = {name: os.environ[name] for name in ("PATH", "LANG", "DOCKER_HOST") if name in os.environ}
        self.env |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        self.env |= {"HOME": str(clone.parent), "USER": "you"}

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.clone}/.venv/bin:{self.env['PATH']}"
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", self._filled(command)],
            cwd=self.clone,
            env={**self.env, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )

    def deploys_another_version(self) -> None:
        """So that there is something to go back to."""
        with (self.clone / "backend/main.py").open("a", encoding="utf-8") as file:
            file.write("# another version\n")
        done = self.types("./dev deploy")
        assert done.returncode == 0, done.stdout + done.stderr

    def _filled(self, command: str) -> str:
        """The placeholders of the documents, as a reader would fill them in here."""
        if "<commit>" in command:
            past = self.types("./dev history --json").stdout
            command = command.replace("<commit>", re.findall(r'"commit": "(\w+)"', past)[-2])
        if _HUB in command:
            running = json.loads(self.types("./dev hub.status --json").stdout)
            command = command.replace(_HUB, running["url"].removeprefix("http://"))
        if "--follow" in command:
            command = f"timeout --signal=INT 5 {command} || test $? = 124 -o $? = 130"
        return re.sub(r"--to (staging|production|<target>)", "--to local", command)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, docker: Engine) -> Iterator[Reader]:
    # A name of its own: under it the engine keeps the images, and remembers which of them passed.
    clone = tmp_path_factory.mktemp("reader") / f"docs-{secrets.token_hex(4)}"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    (clone / "database-url.txt").write_text("sqlite:////tmp/tasks.db\n", encoding="utf-8")
    someone = Reader(clone)
    yield someone
    someone.types(_DELETE_SPACE)
    someone.types("./dev hub.down")
    for name in docker.tags(repository(clone.name)):
        docker.remove_tag(name)
    shutil.rmtree(clone)


@pytest.fixture(scope="module")
def first_deploy(reader: Reader) -> subprocess.CompletedProcess[str]:
    """What the README begins with, in full. What is typed after it finds a project that asks for less."""
    done = reader.types(shown()[0].command)
    demand_serving(reader.clone)
    return done


def test_every_page_is_linked_from_the_readme() -> None:
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [page.name for page in PAGES[1:] if f"docs/{page.name}" not in readme] == []


def test_the_first_deploy_proves_every_task(
    reader: Reader, first_deploy: subprocess.CompletedProcess[str], chromium: Path
) -> None:
    printed = first_deploy.stdout + first_deploy.stderr
    assert first_deploy.returncode == 0, printed
    told = re.fullmatch(r"  proof 35 of 35 tasks, in (\S+)", first_deploy.stdout.splitlines()[-1])
    assert told, printed
    assert (reader.clone / told[1]).name == "report.html"
    assert (reader.clone / told[1]).is_file()


def test_what_the_documents_show_is_what_happens(
    reader: Reader, first_deploy: subprocess.CompletedProcess[str]
) -> None:
    """One test: each command stands on what those before it left behind."""
    first, *others = shown()
    assert len(others) > 5
    assert first_deploy.returncode == 0, first_deploy.stdout + first_deploy.stderr
    assert_alike(first, first_deploy.stdout)
    for item in others:
        done = reader.types(item.command)
        assert done.returncode == 0, f"{item.page}: {item.command}\n{done.stdout}{done.stderr}"
        if item.output is not None:
            assert_alike(item, done.stdout)
    reader.deploys_another_version()
    for item in inline():
        done = reader.types(item.command)
        # 2 is "there is a difference": an answer, not an error.
        assert done.returncode in {0, 2}, f"{item.page}: {item.command}\n{done.stdout}{done.stderr}"


def test_another_machine_joins_the_load(reader: Reader, first_deploy: subprocess.CompletedProcess[str]) -> None:
    """As the page on verification has it, by way of the same address."""
    assert first_deploy.returncode == 0, first_deploy.stdout + first_deploy.stderr
    toml = reader.clone / "deploy.toml"
    before = toml.read_text(encoding="utf-8")
    at = f"127.0.0.1:{free_port()}"
    toml.write_text(f'{before}\n[load]\nmachines = 1\nlisten = "{at}"\n', encoding="utf-8")
    try:
        with ThreadPoolExecutor(2) as machines:
            commanding, joining = machines.map(reader.types, ("./dev load", f"./dev load --join {at}"))
    finally:
        toml.write_text(before, encoding="utf-8")
    assert commanding.returncode == joining.returncode == 0, "\n".join(map(str, (commanding, joining)))
    assert "local/tasks bears the declared load." in commanding.stdout
    assert joining.stdout.splitlines()[-3].startswith("Took part in the load on local/tasks; ")


def assert_alike(item: Shown, printed: str) -> None:
    """Line by line, but for times, hashes, counts and addresses; `…` stands for any lines."""
    assert item.output is not None
    seen = [_plain(line) for line in printed.splitlines() if line.strip()]
    for part in _parts([_plain(line) for line in item.output]):
        places = [place for place in range(len(seen)) if seen[place : place + len(part)] == part]
        assert places, (
            f"{item.page} shows for {item.command}:\n" + "\n".join(part) + "\n\nand it is:\n" + "\n".join(seen)
        )
        seen = seen[places[0] + len(part) :]
    more = item.output[-1:] == ("…",)
    assert more or seen == [], f"{item.page} leaves out for {item.command}:\n" + "\n".join(seen)


def _parts(lines: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == "…":
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for part in parts if part]


def _plain(line: str) -> str:
    for pattern, name in _VARIES:
        line = pattern.sub(name, line)
    return " ".join(line.split())
