"""A repository on GitHub beside a Hub: its workflows run, and what came of it is looked at from outside."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi

from tests.integration.hub_fixtures import Hub
from tests.workflows.project import git
from tests.workflows.runner import BRANCH, REPOSITORY, JobRun, Repository, run_workflow
from tests.workflows.workflow import Workflow

TARGETS = ("staging", "production")
REQUEST_TOKEN = "what-github-gives-a-job-to-ask-with"
_TOKEN = re.compile(rb"hf_(?:jwt_)?[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{20,}\.")


@dataclass(frozen=True, kw_only=True)
class Site:
    """`owner` has both Spaces; `repository` starts without secrets, variables or inputs, as a fork does."""

    hub: Hub
    folder: Path
    owner: str
    repository: Repository

    def space(self, target: str) -> str:
        return f"{self.owner}/{'tasks' if target == 'production' else f'tasks-{target}'}"

    def with_token(self, **secrets: str) -> Site:
        """The repository has HF_TOKEN, and no variable for a keyless login."""
        return self._given(secrets={"HF_TOKEN": self.hub.new_token(self.owner), **secrets})

    def keyless(self, trusted: str) -> Site:
        """Each environment has its own HF_OIDC_RESOURCE, and there is no HF_TOKEN. Both Spaces are there, and trust
        that workflow of the repository on its main branch."""
        publisher = {"repository": REPOSITORY, "branch": "main", "workflow": trusted}
        for target in TARGETS:
            self._api.create_repo(self.space(target), repo_type="space", space_sdk="docker", exist_ok=True)
            self.hub.trust(space=self.space(target), publishers=[publisher])
        return self._given(
            secrets={},
            environments={target: {"HF_OIDC_RESOURCE": f"spaces/{self.space(target)}"} for target in TARGETS},
            identity={
                "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.hub.url}/gh-oidc?api-version=2",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
            },
        )

    def by_hand(self, **inputs: str) -> Site:
        return self._given(event="workflow_dispatch", inputs=inputs)

    def on_schedule(self) -> Site:
        return self._given(event="schedule")

    def variables(self, **variables: str) -> Site:
        return self._given(variables={**self.repository.variables, **variables})

    def run(self, file: str) -> dict[str, JobRun]:
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        return run_workflow(self.workflow(file), self.repository, folder)

    def workflow(self, file: str) -> Workflow:
        """As the repository has it; GitHub vouches for its jobs from now on."""
        workflow_ref = f"{REPOSITORY}/.github/workflows/{file}@{BRANCH}"
        self.hub.trust(claims={"repository": REPOSITORY, "ref": BRANCH, "workflow_ref": workflow_ref})
        return Workflow.read(self.repository.files / ".github" / "workflows" / file)

    def address(self, target: str) -> str:
        return str(self._api.space_info(self.space(target)).host)

    def commit(self, target: str) -> str:
        """The head of the Space's main branch."""
        return str(self._api.space_info(self.space(target)).sha)

    def branches(self, target: str) -> list[str]:
        refs = self._api.list_repo_refs(self.space(target), repo_type="space")
        return [branch.name for branch in refs.branches]

    def exists(self, target: str) -> bool:
        return self._api.repo_exists(self.space(target), repo_type="space")

    def ask(self, target: str, path: str) -> dict[str, Any]:
        """What the Space's app answers to its owner."""
        viewer = {"Authorization": f"Bearer {self._token}"}
        answer = httpx2.get(f"{self.address(target)}{path}", headers=viewer, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def stored_secrets(self, target: str) -> dict[str, str]:
        """What the Hub holds and never tells."""
        file = self.hub.home / "spaces" / self.space(target) / "secrets.json"
        return {name: held["value"] for name, held in json.loads(file.read_text()).items()} if file.is_file() else {}

    def printed(self, runs: Mapping[str, JobRun]) -> str:
        return "\n".join(run.printed for run in runs.values())

    def leaks(self, runs: Mapping[str, JobRun]) -> list[str]:
        """Where a value of a secret stands that should stand nowhere: in what was printed, or in a file."""
        values = [value.encode() for value in self._secret_values()]
        texts = {f"the log of {name}": run.printed.encode() for name, run in runs.items()}
        files = [*Path(self.repository.machine["HOME"]).rglob("*"), *chain.from_iterable(map(_written, runs.values()))]
        texts |= {str(file): file.read_bytes() for file in files if file.is_file()}
        return [where for where, text in texts.items() if _TOKEN.search(text) or any(value in text for value in values)]

    def close(self) -> None:
        """Its Spaces go, and with them their containers and images."""
        for target in TARGETS:
            self._api.delete_repo(self.space(target), repo_type="space", missing_ok=True)

    def _secret_values(self) -> Iterator[str]:
        yield from self.repository.secrets.values()
        yield REQUEST_TOKEN
        for target in TARGETS:
            yield from self.stored_secrets(target).values()

    @cached_property
    def _token(self) -> str:
        return self.hub.new_token(self.owner)

    @property
    def _api(self) -> HfApi:
        return self.hub.api(self._token)

    def _given(self, **facts: Any) -> Site:
        return replace(self, repository=replace(self.repository, **facts))


def _written(run: JobRun) -> Iterator[Path]:
    """What a job left: what its steps told the runner, and files of the checkout that the repository does not have."""
    yield from run.folder.glob("step-*/*")
    for checkout in run.folder.glob("*/.git"):
        names = git("ls-files", "--others", "--modified", "-z", cwd=checkout.parent).split("\0")
        yield from (checkout.parent / name for name in names if name and not name.startswith(".venv/"))
