"""Makes the project's virtual environment from its locks: `python -I deploy/bootstrap.py <root> <folder> <lock>...`.

`./dev` runs this before anything is installed, so it imports the standard library alone. Pip comes from the
wheel that Python itself carries, several of them share the work, and bytecode is left to the first import:
together a third of the time of `python -m venv` and `pip install`.
"""

from __future__ import annotations

import ensurepip
import fcntl
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TAIL = 15
"""Lines of pip's output that an error shows."""
READY = "ready/root"
UNFINISHED = "ready/unfinished"
"""The mark of an environment that we made, with the folder it is for: when all is in, and until then."""


class BootstrapError(Exception):
    """The environment could not be made; the message is for the user."""


def main(root: Path, venv: Path, locks: Sequence[str]) -> int:
    started = time.monotonic()
    try:
        with _only_one(root) as held:
            if not is_ready(root, venv, locks):
                make(root, venv, locks, held=held)
                _say(f"ready in {time.monotonic() - started:.1f} s")
    except BootstrapError as error:
        _say(str(error))
        return 1
    except (OSError, subprocess.CalledProcessError) as error:
        _say(f"{venv} could not be made: {error}\n  next:  see that it can be written and the disk is not full")
        return 1
    except KeyboardInterrupt:
        _say(f"interrupted; the next ./dev makes {venv} again")
        return 130
    return 0


def is_ready(root: Path, venv: Path, locks: Sequence[str]) -> bool:
    """Whether it was made where it stands, from the locks as they are now, and its Python is still there."""
    return (
        os.access(venv / "bin" / "python", os.X_OK)
        and any(venv.glob("lib/python3*/site-packages/invoke/__main__.py"))
        and _text(venv / READY) == f"{root}\n"
        and all(_text(venv / "ready" / lock) == _text(root / lock) for lock in locks)
    )


def make(root: Path, venv: Path, locks: Sequence[str], *, held: int) -> None:
    """Bring the environment to the locks: by adding those it never had to a good one, else from nothing.

    It counts as ready when its mark is READY, which comes last: whatever stops this half-way is mended by doing it
    again. Raises BootstrapError for a folder that somebody else made.
    """
    if not _may_replace(root, venv):
        raise BootstrapError(
            f"{venv} was not made by ./dev, and is left as it is\n"
            f"  next:  export SPACEWRIGHT_VENV={_shown(root, venv)}.dev to use another folder, or move this one away,\n"
            "         and run this again"
        )
    kept = [lock for lock in locks if is_ready(root, venv, [lock])]
    added = [lock for lock in locks if lock not in kept]
    wanted = _pins(root, locks)
    if kept and not any((venv / "ready" / lock).exists() for lock in added):
        wanted = {name: pin for name, pin in wanted.items() if name not in _pins(root, kept)}
        _say(f"adding {len(wanted)} packages of {' and '.join(added)} to {_shown(root, venv)}")
        (venv / READY).rename(venv / UNFINISHED)
    else:
        version = sys.version.split()[0]
        _say(f"making {_shown(root, venv)} with Python {version} and {len(wanted)} packages")
        added = list(locks)
        _create(root, venv)
    _install(venv, wanted, held=held)
    for lock in added:
        shutil.copyfile(root / lock, venv / "ready" / lock)
    (venv / UNFINISHED).rename(venv / READY)


def _may_replace(root: Path, venv: Path) -> bool:
    """Whether nothing is lost with it: there is no file in it, or `./dev` made it.

    One that lies elsewhere, named by SPACEWRIGHT_VENV or by a link, may be another project's; one within the project
    is its own, wherever the project stood when it was made.
    """
    if not os.path.lexists(venv):
        return True
    marks = [_text(venv / mark) for mark in (READY, UNFINISHED)]
    if f"{root}\n" in marks or (marks != [None, None] and venv.resolve().is_relative_to(root)):
        return True
    return venv.is_dir() and all(place.is_dir() and not place.is_symlink() for place in venv.rglob("*"))


def _create(root: Path, venv: Path) -> None:
    """An environment without packages. What it held before goes, but never the mark of whose it is."""
    ready, unfinished = venv / "ready", venv / UNFINISHED
    ready.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(f"{root}\n")
    for place in [*ready.iterdir(), *venv.iterdir()]:
        if place.is_dir() and not place.is_symlink():
            if place != ready:
                shutil.rmtree(place)
        elif place != unfinished:
            place.unlink()
    # By its real name, so that the link breaks, and is seen to, when that Python is replaced by another.
    python = Path(sys.executable).resolve()
    # The module venv takes no link for its folder.
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", venv.resolve()], stdout=sys.stderr, check=True)


def _install(venv: Path, pins: Mapping[str, str], *, held: int) -> None:
    with tempfile.TemporaryDirectory(prefix="spacewright-") as scratch:
        folder = Path(scratch)
        # Unpacked it starts in half the time.
        with zipfile.ZipFile(_bundled_pip()) as wheel:
            wheel.extractall(folder / "pip")
        with _pips(venv, folder, _shares(pins, folder), held=held) as (pips, output):
            _watch(output, len(pins))
            codes = [pip.wait() for pip in pips]
        errors = (folder / "errors").read_text(encoding="utf-8", errors="replace").splitlines()
    if any(codes):
        said = [line for line in errors if line and not line.startswith("WARNING")]
        raise BootstrapError(
            f"{venv} could not be made: pip failed\n"
            + "".join(f"  | {line}\n" for line in said[-TAIL:])
            + "  next:  see that the network and pip's settings (index, proxy, certificate) work and that the\n"
            + "         requirements are as they were committed, and run this again"
        )


def _shares(pins: Mapping[str, str], folder: Path) -> list[Path]:
    """One requirements file for each pip, equal in the number of packages."""
    count = max(1, min(4, os.cpu_count() or 1, len(pins)))
    files = [folder / f"share-{index}.txt" for index in range(count)]
    for index, file in enumerate(files):
        file.write_text("".join(list(pins.values())[index::count]))
    return files


@contextmanager
def _pips(
    venv: Path, folder: Path, shares: Sequence[Path], *, held: int
) -> Iterator[tuple[list[subprocess.Popen[str]], int]]:
    """Pips at work, and the pipe with what they all say; what goes wrong they write to the file `errors`.

    They hold the lock too, so that it outlives a killed parent.
    """
    argv = [str(venv / "bin" / "python"), "-m", "pip", "install", "--no-deps", "--require-hashes"]
    argv += ["--only-binary=:all:", "--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    # PIP_USER and its like, in a caller's environment or pip.conf, would send packages somewhere else.
    redirections = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET")
    env = {key: value for key, value in os.environ.items() if key not in redirections}
    env |= {"PYTHONPATH": str(folder / "pip"), "PIP_USER": "0"}
    reading, writing = os.pipe()
    errors = os.open(folder / "errors", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    pips = [
        subprocess.Popen(
            [*argv, "--requirement", str(share)],
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=errors,
            env=env,
            pass_fds=[held],
            text=True,
        )
        for share in shares
    ]
    os.close(writing)
    os.close(errors)
    try:
        yield pips, reading
    finally:
        os.close(reading)
        for pip in pips:
            if pip.poll() is None:
                pip.terminate()
                pip.wait()


def _bundled_pip() -> Path:
    """The wheel of pip that comes with Python, in the folder where distributions keep theirs, or in ensurepip's."""
    distribution = sysconfig.get_config_var("WHEEL_PKG_DIR")
    folders = [Path(distribution)] if distribution else []
    folders.append(Path(ensurepip.__file__).parent / "_bundled")
    for folder in folders:
        for wheel in sorted(folder.glob("pip-*.whl")):
            return wheel
    raise BootstrapError(
        f"{sys.executable} comes without pip\n"
        "  next:  install its venv module (Debian, Ubuntu: apt-get install python3-venv) and run this again"
    )


def _watch(output: int, total: int) -> None:
    """Show progress until the pips close the pipe."""
    collected = 0
    with open(output, encoding="utf-8", errors="replace", closefd=False) as lines:
        for line in lines:
            if line.startswith("Collecting "):
                collected += 1
                _progress(f"fetching {collected} of {total}: {line.split()[1].partition('==')[0]}")
            elif line.startswith("Installing "):
                _progress("unpacking")
    _progress("")


def _pins(root: Path, locks: Sequence[str]) -> dict[str, str]:
    """Each package's lines, by name. One without a hash is among them, for pip to refuse."""
    pin = re.compile(r"^(?P<name>[A-Za-z0-9][^=\s]*)==.*\n(?: +--hash.*\n)*", re.MULTILINE)
    pins: dict[str, str] = {}
    for lock in locks:
        for found in pin.finditer((root / lock).read_text(encoding="utf-8") + "\n"):
            if pins.setdefault(found["name"], found[0]) != found[0]:
                raise BootstrapError(f"{lock} pins {found['name']} otherwise than {locks[0]}\n  next:  ./dev lock")
    return pins


@contextmanager
def _only_one(root: Path) -> Iterator[int]:
    """Hold a lock on the project's folder, which the system releases with its last holder, however that ends."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another ./dev is installing packages; waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _shown(root: Path, venv: Path) -> Path:
    return venv.relative_to(root) if venv.is_relative_to(root) else venv


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _say(text: str) -> None:
    sys.stderr.write(f"dev: {text}\n")


def _progress(text: str) -> None:
    """One line that rewrites itself, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{'dev: ' + text if text else ''}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
