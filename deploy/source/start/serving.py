"""From the Dockerfile's last stage to the one server that will answer."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from deploy.dockerfile import Start
from deploy.dockerfile.shell import commands
from deploy.dockerfile.unwrap import Invocation, unwrap
from deploy.source.python.values import Scope
from deploy.source.start.files import ImageFiles
from deploy.source.start.gunicorn import gunicorn_settings
from deploy.source.start.launch import FILE_ENTRY, Launch, launch
from deploy.source.start.python_start import python_start

_PROBE = "61347"
"""A port nobody writes down: what ends up listening on it followed $PORT."""
_DEEPEST = 5
"""Scripts that call scripts; more is a circle."""
_LONGEST = 200_000
"""Characters of a script that is followed: a longer one holds data, and following it takes a minute."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Of the official images; a Dockerfile that sets PATH mostly puts something before it."""
_WAITS = {"cat", "fg", "sleep", "tail", "wait"}
"""What a script ends with that only keeps the container alive."""
SHELL_TEXT = "sh -c"
_GROUP = {"dumb-init", "/usr/bin/dumb-init", "/usr/local/bin/dumb-init", "-g"}
"""Of init programs: they give signals to all that a shell started."""
_TRAP = re.compile(r"^[^#\n]*\btrap\b", re.MULTILINE)
_FASTAPI_FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
"""Where `fastapi run` looks, in this order."""


@dataclass(frozen=True, kw_only=True)
class Serving:
    """The server and where that is written.

    `entry` is `module:variable`, looked for in `roots` (folders of the image). `port` is where it
    listens as the image stands; `follows` whether $PORT changes that; None is "not known". `port_text`
    is the port as given when it is no number. `script` is the Python file that is run as `__main__`. `shell` is what
    stays before it and passes no signals on: a script, `sh -c` (which may be bash, and that does not stay), or nothing.
    """

    launch: Launch
    entry: str | None
    roots: tuple[str, ...]
    port: int | None
    port_text: str | None
    follows: bool | None
    file: str
    line: int
    script: str | None = None
    shell: str = ""


@dataclass(frozen=True, kw_only=True)
class Executed:
    """A file of the source that is started by its own name, so that it needs the executable bit."""

    path: str
    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Started:
    """What was found on the way: the server, if one was recognised, and files started by name.

    `programs` are those not known here, and `beside` those of them that go on running with the server.
    """

    serving: Serving | None
    executed: tuple[Executed, ...]
    programs: tuple[str, ...]
    beside: tuple[str, ...]


def started(start: Start, *, env: Mapping[str, str], cwd: str, files: ImageFiles) -> Started:
    """Follow the start command twice: as the image stands, and with $PORT set to a port of its own."""
    steps = list(_Walk(files).follow(start.argv, env, cwd, "Dockerfile", start.line))
    probed = list(_Walk(files).follow(start.argv, {**env, "PORT": _PROBE}, cwd, "Dockerfile", start.line))
    found, moved = _staying(steps), _staying(probed)
    executed = tuple(step.executed for step in steps if step.executed)
    programs = tuple(step.program for step in steps if step.program)
    serving = _serving(found, found.launch, moved) if found and found.launch else None
    return Started(serving=serving, executed=executed, programs=programs, beside=tuple(_beside(steps)))


@dataclass(frozen=True, kw_only=True)
class _Step:
    file: str
    line: int
    launch: Launch | None = None
    background: bool = False
    roots: tuple[str, ...] = ()
    script: str | None = None
    executed: Executed | None = None
    program: str | None = None
    shell: str = ""


def _staying(steps: list[_Step]) -> _Step | None:
    """The first server in the foreground, since nothing comes after it; else the last in the background."""
    servers = [step for step in steps if step.launch]
    return next((step for step in servers if not step.background), servers[-1] if servers else None)


def _beside(steps: list[_Step]) -> Iterator[str]:
    """Programs in the background, and the last where the server is: what others come to their end in between."""
    for step in steps:
        last = step is steps[-1] and step.program and step.program.split()[0] not in _WAITS
        if step.program and (step.background or last):
            yield step.program


def _serving(found: _Step, launched: Launch, moved: _Step | None) -> Serving:
    text = launched.port
    number = int(text) if text and text.isdecimal() else None
    probed = moved.launch.port if moved and moved.launch else None
    return Serving(
        launch=launched,
        entry=launched.entry,
        roots=found.roots,
        port=number,
        port_text=text if number is None else None,
        follows=None if text is None and probed is None else probed == _PROBE,
        file=found.file,
        line=found.line,
        script=found.script,
        shell="" if found.background else found.shell,
    )


@dataclass(frozen=True)
class _Walk:
    files: ImageFiles
    depth: int = 0

    def follow(self, argv: tuple[str, ...], env: Mapping[str, str], cwd: str, file: str, line: int) -> Iterator[_Step]:
        """The servers and scripts that a command leads to, in the order in which they start."""
        invocation = unwrap(argv) if argv and self.depth < _DEEPEST else None
        if invocation is None:
            return
        here = _Step(file=file, line=line)
        if invocation.kind in {"shell text", "shell file"}:
            sh = invocation.kind == "shell text" and {posixpath.basename(word) for word in argv} & {"sh", "dash"}
            for step in self._shell(invocation, env, cwd, replace(here, shell=SHELL_TEXT if sh else "")):
                yield replace(step, shell="") if _GROUP & {*argv} else step
        elif invocation.kind == "program":
            yield from self._program(invocation, env, cwd, here)
        elif invocation.kind in {"python file", "python module"}:
            yield from self._python(invocation, env, cwd, here)
        else:
            yield replace(here, program="python -c")

    def _shell(self, invocation: Invocation, env: Mapping[str, str], cwd: str, here: _Step) -> Iterator[_Step]:
        if invocation.kind == "shell text":
            yield from self._text(invocation.target, invocation.arguments[1:], env, cwd, here)
            return
        path = self.files.source(invocation.target, cwd)
        if path is None or len(self.files.texts(path)) > _LONGEST:
            yield replace(here, program=invocation.target)
        else:
            inside = replace(here, file=path, line=1, shell=path)
            yield from self._text(self.files.texts(path), invocation.arguments, env, cwd, inside)

    def _text(
        self, text: str, arguments: tuple[str, ...], env: Mapping[str, str], cwd: str, here: _Step
    ) -> Iterator[_Step]:
        """A shell stays before all that is not started by `exec`, and passes nothing on but what it catches."""
        shell = "" if _TRAP.search(text) else here.shell
        deeper = _Walk(self.files, self.depth + 1)
        for command in commands(text, env=env, cwd=cwd, arguments=arguments):
            line = here.line if here.file == "Dockerfile" else command.line
            for step in deeper.follow(command.argv, command.env, command.cwd, here.file, line):
                stays = "" if command.argv[0] == "exec" else shell
                yield replace(step, background=step.background or command.background, shell=step.shell or stays)

    def _program(self, invocation: Invocation, env: Mapping[str, str], cwd: str, here: _Step) -> Iterator[_Step]:
        launched = launch((invocation.target, *invocation.arguments), env)
        if launched:
            yield self._launched(launched, env, cwd, here)
            return
        folders = [cwd] if "/" in invocation.target else f"{env.get('PATH', '')}:{_PATH}".split(":")
        found = (self.files.source(invocation.target, folder) for folder in folders)
        path = next((path for path in found if path is not None), None)
        if path is None:
            yield replace(here, program=" ".join((invocation.target, *invocation.arguments[:1])))
            return
        yield replace(here, executed=Executed(path=path, file=here.file, line=here.line))
        if "python" in self.files.texts(path).partition("\n")[0]:
            inner = Invocation("python file", invocation.target, invocation.arguments)
            yield from self._python(inner, env, cwd, here)
        else:
            yield from self._shell(Invocation("shell file", invocation.target, invocation.arguments), env, cwd, here)

    def _launched(self, launched: Launch, env: Mapping[str, str], cwd: str, here: _Step) -> _Step:
        folder = posixpath.normpath(posixpath.join(cwd, launched.app_dir or ""))
        roots = (folder, *python_path(env, cwd))
        if launched.server == "gunicorn":
            launched = gunicorn_settings(launched, self.files, roots, env)
        if launched.entry and FILE_ENTRY in launched.entry:
            launched, roots = self._file_entry(launched, cwd, roots)
        return replace(here, launch=launched, roots=roots)

    def _file_entry(self, launched: Launch, cwd: str, roots: tuple[str, ...]) -> tuple[Launch, tuple[str, ...]]:
        """`fastapi run app/main.py` imports from the folder above the outermost package."""
        given, _, name = (launched.entry or "").partition(FILE_ENTRY)
        names = (given,) if given else _FASTAPI_FILES
        found = next((name for name in names if self.files.source(name, cwd) is not None), None)
        if found is None:
            return replace(launched, entry=f"{given.removesuffix('.py').replace('/', '.') or 'main'}:{name}"), roots
        place = posixpath.normpath(posixpath.join(cwd, found))
        module, folder = posixpath.basename(place).removesuffix(".py"), posixpath.dirname(place)
        while self.files.source(f"{folder}/__init__.py", "/") is not None:
            module, folder = f"{posixpath.basename(folder)}.{module}", posixpath.dirname(folder)
        return replace(launched, entry=f"{module}:{name}"), (folder, *roots)

    def _python(self, invocation: Invocation, env: Mapping[str, str], cwd: str, here: _Step) -> Iterator[_Step]:
        if invocation.kind == "python module":
            launched = launch((invocation.target, *invocation.arguments), env)
            if launched:
                yield self._launched(launched, env, cwd, here)
                return
        path, roots, module = self._script(invocation, env, cwd)
        if path is None:
            yield replace(here, program=f"python {invocation.target}")
            return
        scope = Scope(path, self.files.read, self.files.modules(roots), env)
        found = python_start(scope, module)
        if found is None:
            yield replace(here, program=f"python {invocation.target}")
        else:
            start, launched = found
            yield replace(here, launch=launched, roots=roots, script=path, file=path, line=start.line)

    def _script(
        self, invocation: Invocation, env: Mapping[str, str], cwd: str
    ) -> tuple[str | None, tuple[str, ...], str]:
        """The file that runs as `__main__`, its `sys.path`, and the name its variables go by."""
        search = python_path(env, cwd)
        if invocation.kind == "python module":
            modules = self.files.modules((cwd, *search))
            names = (f"{invocation.target}.__main__", invocation.target)
            name = next((name for name in names if modules.find(name)), invocation.target)
            return modules.find(name), (cwd, *search), name
        folder = posixpath.dirname(posixpath.normpath(posixpath.join(cwd, invocation.target)))
        module = posixpath.basename(invocation.target).removesuffix(".py")
        return self.files.source(invocation.target, cwd), (folder, *search), module


def python_path(env: Mapping[str, str], cwd: str) -> tuple[str, ...]:
    """The folders of $PYTHONPATH."""
    folders = env.get("PYTHONPATH", "").split(":")
    return tuple(posixpath.normpath(posixpath.join(cwd, folder)) for folder in folders if folder)
