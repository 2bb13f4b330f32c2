"""The Hub as this project uses it: the only place that calls huggingface_hub."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast

# huggingface_hub reads these once, at import: no telemetry request, no bars in logs, no warnings of its own.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("HF_HUB_VERBOSITY", "error")

import huggingface_hub as hf
from huggingface_hub.errors import OIDCError
from huggingface_hub.utils._http import hf_raise_for_status, hf_request_event_hook

from deploy.errors import SpaceNotFound
from deploy.secret import Secret
from deploy.space.model import (
    CommitRecord,
    Memory,
    Refs,
    RemoteEntry,
    Runtime,
    SpaceInfo,
    StoredSecret,
    StoredVariable,
)
from deploy.space.operations import Delete, Operation, Restore, Write
from deploy.space.retry import RetryPolicy, repeat
from deploy.space.routes import Routes
from deploy.space.session import Traffic
from deploy.space.translate import translated

__all__ = ["HubClient", "OIDCError", "ambient_token"]

T = TypeVar("T")
_SPACE = "space"
_IGNORES_NOTHING = "# nothing\n"
"""In the place of a .gitignore of the source or of the Space, by which the Hub would drop files that git tracks."""


def ambient_token(endpoint: str, retries: RetryPolicy) -> str | None:
    """What huggingface_hub itself would use: a keyless exchange with the Hub at `endpoint`, or `hf auth login`'s.

    Raises OIDCError or httpx2.HTTPError when the exchange fails.
    """
    # The exchange takes neither as an argument: which Hub it is with, and a client with timeouts.
    hf.constants.ENDPOINT = endpoint
    hf.set_client_factory(lambda: Traffic().client(hf_request_event_hook))
    return repeat(hf.get_token, retries)


class HubClient:
    """One Space on one Hub. Every call has a timeout; those that may be repeated are; failures are DeployErrors."""

    def __init__(
        self,
        endpoint: str,
        space: str,
        token: Secret,
        *,
        token_variable: str,
        retries: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.endpoint = endpoint
        self.space = space
        self.traffic = Traffic()
        self._token = token
        self._translated = partial(translated, space, token_variable)
        self._retries = retries or RetryPolicy()
        self._sleep = sleep
        hf.set_client_factory(lambda: self.traffic.client(hf_request_event_hook))
        self._api = hf.HfApi(endpoint=endpoint, token=token.reveal())
        self._routes = Routes(
            endpoint=endpoint, space=space, token=token, session=hf.get_session, check=hf_raise_for_status
        )

    @property
    def page(self) -> str:
        """The Space's page on the Hub."""
        return f"{self.endpoint}/spaces/{self.space}"

    @property
    def viewer_token(self) -> Secret:
        """What a private Space's app asks of its visitors."""
        return self._token

    # Looking -----------------------------------------------------------------------------------------------

    def info(self) -> SpaceInfo | None:
        """The Space, or None when this token sees no such Space."""
        try:
            info = self._repeat(lambda: self._api.space_info(self.space))
        except SpaceNotFound:
            return None
        runtime = info.runtime.raw if info.runtime else {"stage": "NO_APP_FILE"}
        return SpaceInfo(
            id=info.id,
            sha=str(info.sha),
            sdk=info.sdk,
            host=str(info.host or ""),
            private=bool(info.private),
            runtime=Runtime.parse(runtime),
        )

    def runtime(self) -> Runtime:
        return Runtime.parse(self._repeat(lambda: self._api.get_space_runtime(self.space)).raw)

    def tree(self, revision: str = "main", *, recursive: bool = False) -> tuple[RemoteEntry, ...]:
        """The listing of a revision: its root, or every file."""
        listing = self._repeat(
            lambda: list(self._api.list_repo_tree(self.space, repo_type=_SPACE, revision=revision, recursive=recursive))
        )
        return tuple(_entry(item) for item in listing)

    def variables(self) -> Mapping[str, StoredVariable]:
        found = self._repeat(lambda: self._api.get_space_variables(self.space))
        return {name: StoredVariable(value=it.value, description=it.description) for name, it in found.items()}

    def secrets(self) -> Mapping[str, StoredSecret]:
        found = self._repeat(lambda: self._api.get_space_secrets(self.space))
        return {
            name: StoredSecret(description=stored.description, updated_at=stored.updated_at)
            for name, stored in found.items()
        }

    def commits(self) -> tuple[CommitRecord, ...]:
        found = self._repeat(lambda: list(self._api.list_repo_commits(self.space, repo_type=_SPACE)))
        return tuple(
            CommitRecord(
                sha=commit.commit_id,
                title=commit.title,
                message=commit.message,
                date=commit.created_at,
                authors=tuple(commit.authors),
            )
            for commit in found
        )

    def refs(self) -> Refs:
        found = self._repeat(lambda: self._api.list_repo_refs(self.space, repo_type=_SPACE))
        return Refs(
            branches={ref.name: ref.target_commit for ref in found.branches},
            tags={ref.name: ref.target_commit for ref in found.tags},
        )

    def read(self, path: str, revision: str) -> bytes:
        """The content of one file at a revision."""
        return self._repeat(lambda: self._routes.content(path, revision))

    def sign(self) -> Secret:
        """A pass to the app of a private Space, in place of the token; good for about a day."""
        return self._repeat(self._routes.sign)

    def memory(self) -> Memory:
        """What the app uses now. Asked once: it is not worth a wait."""
        with self._translated():
            return self._routes.memory()

    def logs(self, kind: str, *, follow: bool = False) -> Iterator[str]:
        """The build or run log (`kind`), line by line; `follow` goes on until the Hub ends it."""
        with self._translated():
            rest = ""
            for chunk in self._api.fetch_space_logs(self.space, build=kind == "build", follow=follow):
                *lines, rest = (rest + chunk).split("\n")
                yield from lines
            if rest:
                yield rest

    def check_write(self) -> None:
        """Raises TokenRejected, NotAllowed or SpaceNotFound when the token may not write to the Space."""
        self._repeat(lambda: self._api.auth_check(self.space, repo_type=_SPACE, write=True))

    def whoami(self) -> Mapping[str, Any]:
        return self._repeat(self._api.whoami)

    # Changing ----------------------------------------------------------------------------------------------

    def create(
        self,
        *,
        hardware: str,
        visibility: str,
        variables: Mapping[str, tuple[str, str]],
        secrets: Mapping[str, tuple[Secret, str]],
    ) -> None:
        """Create the Docker Space with its settings, (value, description) each, in one request, once."""
        self._once(
            lambda: self._api.create_repo(
                self.space,
                repo_type=_SPACE,
                space_sdk="docker",
                space_hardware=cast(Any, hardware),
                visibility=cast(Any, visibility),
                space_variables=[
                    {"key": name, "value": value, "description": description}
                    for name, (value, description) in variables.items()
                ],
                space_secrets=[
                    {"key": name, "value": value.reveal(), "description": description}
                    for name, (value, description) in secrets.items()
                ],
            )
        )

    def commit(self, operations: Sequence[Operation], *, title: str, message: str, parent: str) -> str:
        """One commit on `main` on top of `parent`; gives its id. Sent once: see `publish` for lost answers."""

        def commit() -> hf.CommitInfo:
            made = [_operation(operation) for operation in operations]
            added = [operation for operation in made if isinstance(operation, hf.CommitOperationAdd)]
            self._api.preupload_lfs_files(self.space, added, repo_type=_SPACE, gitignore_content=_IGNORES_NOTHING)
            return self._api.create_commit(
                self.space,
                made,
                repo_type=_SPACE,
                commit_message=title,
                commit_description=message,
                parent_commit=parent,
            )

        return str(self._once(commit).oid)

    def set_variable(self, name: str, value: str, description: str) -> None:
        self._repeat(lambda: self._api.add_space_variable(self.space, name, value, description=description))

    def delete_variable(self, name: str) -> None:
        self._repeat(lambda: self._api.delete_space_variable(self.space, name))

    def set_secret(self, name: str, value: Secret, description: str) -> None:
        self._repeat(lambda: self._api.add_space_secret(self.space, name, value.reveal(), description=description))

    def delete_secret(self, name: str) -> None:
        self._repeat(lambda: self._api.delete_space_secret(self.space, name))

    def set_hardware(self, hardware: str) -> None:
        self._repeat(lambda: self._api.request_space_hardware(self.space, cast(Any, hardware)))

    def set_visibility(self, visibility: str) -> None:
        self._repeat(
            lambda: self._api.update_repo_settings(self.space, repo_type=_SPACE, visibility=cast(Any, visibility))
        )

    def restart(self, *, factory: bool = False) -> None:
        self._repeat(lambda: self._api.restart_space(self.space, factory_reboot=factory))

    def create_branch(self, name: str) -> None:
        """Raises Conflict when it exists: of any number of callers one succeeds. Sent once."""
        self._once(lambda: self._api.create_branch(self.space, repo_type=_SPACE, branch=name))

    def delete_branch(self, name: str) -> None:
        """Gone is gone: no error when there is no such branch, as when an answer was lost."""
        with suppress(SpaceNotFound):
            self._repeat(lambda: self._api.delete_branch(self.space, repo_type=_SPACE, branch=name))

    def create_tag(self, name: str, commit: str, *, message: str = "") -> None:
        self._repeat(
            lambda: self._api.create_tag(
                self.space, repo_type=_SPACE, tag=name, revision=commit, tag_message=message, exist_ok=True
            )
        )

    def delete_tag(self, name: str) -> None:
        """Raises SpaceNotFound when there is no such tag: of any number of callers one succeeds. Sent once."""
        self._once(lambda: self._api.delete_tag(self.space, repo_type=_SPACE, tag=name))

    # How it is asked ---------------------------------------------------------------------------------------

    def _repeat(self, call: Callable[[], T]) -> T:
        with self._translated():
            return repeat(call, self._retries, sleep=self._sleep)

    def _once(self, call: Callable[[], T]) -> T:
        """For what must not happen twice."""
        with self._translated():
            return repeat(call, self._retries, sleep=self._sleep, unless_begun=True)


def _entry(item: Any) -> RemoteEntry:
    if isinstance(item, hf.hf_api.RepoFolder):
        return RemoteEntry(path=item.path, kind="directory", oid=item.tree_id, size=0)
    lfs = item.lfs.sha256 if item.lfs else None
    return RemoteEntry(path=item.path, kind="file", oid=item.blob_id, size=item.size, lfs=lfs)


def _operation(operation: Operation) -> hf.CommitOperationAdd | hf.CommitOperationCopy | hf.CommitOperationDelete:
    match operation:
        case Write(path=path, content=content):
            return hf.CommitOperationAdd(path_in_repo=path, path_or_fileobj=content)
        case Restore(path=path, revision=revision):
            return hf.CommitOperationCopy(src_path_in_repo=path, path_in_repo=path, src_revision=revision)
        case Delete(path=path):
            return hf.CommitOperationDelete(path_in_repo=path, is_folder=False)
