"""What all checks look at, read once: files, syntax trees, Dockerfile, card, start, packages, the application."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property

from deploy.card import Card, CardError
from deploy.card import parse as parse_card
from deploy.config import Config
from deploy.dockerfile import Dockerfile, DockerfileError
from deploy.dockerfile import parse as parse_dockerfile
from deploy.dockerfile.layout import IGNORE_FILE, context_of, image_files
from deploy.requirements.run_lines import Request, requests
from deploy.source.packages.installed import Installed, installed
from deploy.source.python.app import AppFinder
from deploy.source.python.files import PythonFile, parse_all, version
from deploy.source.python.imports import Import, imports
from deploy.source.python.modules import Modules, reachable
from deploy.source.python.names import Names
from deploy.source.start.files import ImageFiles
from deploy.source.start.serving import Serving, Started, python_path, started
from deploy.source.tree import Tree

DOCKERFILE = "Dockerfile"
CARD = "README.md"
_ROOT_START = "/"


@dataclass(frozen=True)
class Material:
    """The source under check. Everything else follows from these two."""

    config: Config
    tree: Tree

    def text(self, path: str) -> str:
        """The file as text, "" when there is none; bytes that are no text become marks."""
        file = self.tree.by_path.get(path)
        return file.read().decode(errors="replace") if file else ""

    def content(self, path: str) -> bytes | None:
        file = self.tree.by_path.get(path)
        return file.read() if file else None

    # Python ------------------------------------------------------------------------------------------------

    @cached_property
    def python(self) -> dict[str, PythonFile]:
        files = (file for file in self.tree.files if file.path.endswith(".py"))
        return parse_all(files, version(self.config.source.python))

    @cached_property
    def _names(self) -> dict[str, Names | None]:
        return {path: Names(file.tree) if file.tree else None for path, file in self.python.items()}

    def names(self, path: str) -> Names | None:
        """The module at a path; None when there is none, or it does not parse."""
        return self._names.get(path)

    def imports(self, path: str) -> tuple[Import, ...]:
        names = self.names(path)
        return imports(names.tree, version(self.config.source.python)) if names else ()

    # What the platform reads -------------------------------------------------------------------------------

    @cached_property
    def _dockerfile(self) -> Dockerfile | DockerfileError | None:
        if DOCKERFILE not in self.tree.by_path:
            return None
        try:
            return parse_dockerfile(self.text(DOCKERFILE))
        except DockerfileError as error:
            return error

    @property
    def dockerfile(self) -> Dockerfile | None:
        return self._dockerfile if isinstance(self._dockerfile, Dockerfile) else None

    @property
    def dockerfile_error(self) -> DockerfileError | None:
        return self._dockerfile if isinstance(self._dockerfile, DockerfileError) else None

    @cached_property
    def card(self) -> Card | None:
        try:
            return parse_card(self.text(CARD))
        except CardError:
            return None

    # The image ---------------------------------------------------------------------------------------------

    @cached_property
    def ignore_file(self) -> str:
        """What BuildKit reads: the Dockerfile's own list counts alone where there is one."""
        own = f"{DOCKERFILE}{IGNORE_FILE}"
        return own if own in self.tree.by_path else IGNORE_FILE

    @cached_property
    def context(self) -> frozenset[str]:
        """The files that reach the build."""
        return context_of(frozenset(self.tree.by_path), self.text(self.ignore_file))

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """What the RUN lines install."""
        return tuple(requests(self.dockerfile, self.context)) if self.dockerfile else ()

    @cached_property
    def files(self) -> ImageFiles:
        places = image_files(self.dockerfile, self.context) if self.dockerfile else {}
        paths = frozenset(self.tree.by_path)
        whole = any(request.kind in {"project", "tool", "unknown"} for request in self.requests)
        return ImageFiles(places=places, paths=paths, texts=self.text, read=self.names, installed=whole)

    @cached_property
    def installed(self) -> Installed:
        return installed(self.dockerfile, self.context, self.content, self.config.source.python)

    @cached_property
    def started(self) -> Started | None:
        stage = self.dockerfile.final if self.dockerfile else None
        if stage is None or stage.start is None:
            return None
        return started(stage.start, env=stage.env, cwd=self.folder, files=self.files)

    @cached_property
    def folder(self) -> str:
        """Where the image starts its command: WORKDIR, or where the code went when the base image decides."""
        stage = self.dockerfile.final if self.dockerfile else None
        if stage is None or stage.workdir or self.installed.plain_base:
            return (stage.workdir if stage else None) or _ROOT_START
        folders = [posixpath.dirname(place) for place in self.files.places if place.endswith(".py")]
        return posixpath.commonpath(folders) if folders else _ROOT_START

    @property
    def serving(self) -> Serving | None:
        return self.started.serving if self.started else None

    # The application ---------------------------------------------------------------------------------------

    @cached_property
    def modules(self) -> Modules:
        """How the running process finds modules."""
        env = self.dockerfile.final.env if self.dockerfile else {}
        return self.files.modules(self.serving.roots if self.serving else (self.folder, *python_path(env, self.folder)))

    @cached_property
    def apps(self) -> AppFinder:
        return AppFinder(self.modules, self.names)

    @cached_property
    def entry(self) -> tuple[str, str]:
        """Module and variable that deploy.toml declares."""
        module, _, variable = self.config.source.entry.partition(":")
        return module, variable.removesuffix("()")

    @cached_property
    def entry_path(self) -> str | None:
        return self.modules.find(self.entry[0])

    @property
    def home(self) -> str:
        """The folder of the source in which the modules beside the entry stand: `.`, `src`."""
        stem = (self.entry_path or "").removesuffix(".py").removesuffix("/__init__")
        return stem.removesuffix(self.entry[0].replace(".", "/")).rstrip("/") or "."

    @cached_property
    def serves(self) -> frozenset[str]:
        """Python files that run in the serving process: the entry point and all it imports."""
        starts = [path for path in (self.entry_path, self._started_path) if path]
        return reachable(starts, self._edges)

    @property
    def _started_path(self) -> str | None:
        if self.serving is None:
            return None
        module = (self.serving.entry or "").partition(":")[0]
        return self.serving.script or (self.modules.find(module) if module else None)

    def runs(self, path: str, statement: Import) -> bool:
        """Whether an import of the file can happen in the image; what is under `__main__` only in what it runs."""
        is_script = self.serving is not None and path == self.serving.script
        return not statement.when.never and (is_script or not statement.when.as_script)

    def _edges(self, path: str) -> list[str]:
        happening = (one for one in self.imports(path) if self.runs(path, one))
        return [reached for one in happening for reached in self.modules.reached_by(path, one)]
