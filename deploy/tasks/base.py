"""What every command shares: how a task is declared, how it opens a session, and how it ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit
from invoke.tasks import Task, task

from deploy.errors import ConfigError, DeployError, Interrupted

if TYPE_CHECKING:
    from deploy.config import Config, Target
    from deploy.console import Console
    from deploy.settings import Settings

_DEFECT = 70
"""Exit code of a defect in Spacewright itself (EX_SOFTWARE of sysexits)."""
_console: ContextVar[Console] = ContextVar("console")

HELP_TO = "the target in deploy.toml (default: its `default`)"
HELP_JSON = "one JSON document on stdout, talk on stderr"
HELP_OLDER = "write a secret's value that is given here also when it was rotated out"
HELP_YES = "do not ask before changing a protected target"


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a task works with. `config` and `target` are checked before the first effect."""

    config: Config
    target: Target
    console: Console
    env: Mapping[str, str]

    @property
    def root(self) -> Path:
        return self.config.root

    def settings(self) -> Settings:
        """The values of the target's variables and secrets. Raises ConfigError, MissingSecret."""
        from deploy.settings import resolve

        return resolve(self.target, self.root, self.env)


def session(to: str = "") -> Session:
    """Read the project's deploy.toml and choose the target, whose secrets the console hides from then on.

    Raises ConfigError.
    """
    from deploy.config import load
    from deploy.settings import known_secrets

    config = load(project_root(os.environ, Path.cwd()))
    target, output = config.target(to), _console.get()
    for secret in known_secrets(target, config.root, os.environ):
        output.redact.add(secret)
    return Session(config=config, target=target, console=output, env=os.environ)


def console() -> Console:
    """The console of the running task."""
    return _console.get()


def project_root(env: Mapping[str, str], start: Path) -> Path:
    """`SPACEWRIGHT_ROOT`, or the nearest folder upwards from `start` that holds deploy.toml."""
    if env.get("SPACEWRIGHT_ROOT"):
        return Path(env["SPACEWRIGHT_ROOT"])
    for folder in (start, *start.parents):
        if (folder / "deploy.toml").is_file():
            return folder
    raise ConfigError(
        f"There is no deploy.toml in {start} or above.",
        cause="the command runs outside a project",
        next_step="go to the folder that holds tasks.py and deploy.toml",
    )


def finish(code: int) -> None:
    """End the command with an exit code that is not an error, such as "there is a difference"."""
    if code:
        raise Exit(code=code)


class DeployTask(Task[Callable[..., Any]]):
    """A task whose errors become one message and their own exit code; no traceback reaches a user."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from deploy.console import Console
        from deploy.network import completing

        # hf_xet and the Docker SDK ask the environment alone, and so do the programs that a command starts.
        os.environ.update(completing(os.environ))
        output = Console(_mode(bool(kwargs.get("json")), os.environ))
        token = _console.set(output)
        _interrupt_on_termination()
        try:
            return super().__call__(*args, **kwargs)
        except DeployError as error:
            output.failure(error)
            raise Exit(code=error.exit_code) from None
        except KeyboardInterrupt:
            output.failure(Interrupted("Stopped before it was done."))
            raise Exit(code=Interrupted.exit_code) from None
        except Exception as error:
            if isinstance(error, Exit) or os.environ.get("SPACEWRIGHT_DEBUG"):
                raise
            output.failure(_defect(error))
            raise Exit(code=_DEFECT) from None
        finally:
            _console.reset(token)


def command(*, flags: Mapping[str, str] | None = None, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declares a task: typed by its defaults, no short flags. `flags` are help texts beside the shared ones."""
    shared = {"to": HELP_TO, "json": HELP_JSON, "yes": HELP_YES}

    def declare(body: Callable[..., Any]) -> Any:
        arguments = body.__code__.co_varnames[: body.__code__.co_argcount]
        texts = {**{name: text for name, text in shared.items() if name in arguments}, **(flags or {})}
        return task(klass=DeployTask, help=texts, **{"auto_shortflags": False, **options})(body)

    return declare


def _mode(json: bool, env: Mapping[str, str]) -> Any:
    if json:
        return "json"
    return "github" if env.get("GITHUB_ACTIONS") == "true" else "human"


def _interrupt_on_termination() -> None:
    """A cancelled CI job sends SIGTERM; it must clean up as Ctrl-C does."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)


def _defect(error: Exception) -> DeployError:
    return DeployError(
        f"Spacewright met a case it does not know: {type(error).__name__}: {error}",
        cause="a defect in Spacewright",
        next_step="run it again with SPACEWRIGHT_DEBUG=1 and report what it prints",
    )
