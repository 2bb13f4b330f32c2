"""A Space at one moment, to be compared with the same Space later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError


@dataclass(frozen=True)
class Snapshot:
    """All that can be changed of a Space, as its owner sees it."""

    head: str
    files: Mapping[str, str]
    variables: Mapping[str, str]
    secrets: Mapping[str, Any]
    branches: Mapping[str, str]
    tags: Mapping[str, str]
    private: bool
    hardware: str | None


def snapshot(api: HfApi, space: str) -> Snapshot | None:
    """None when there is no such Space."""
    try:
        info = api.space_info(space)
    except RepositoryNotFoundError:
        return None
    refs = api.list_repo_refs(space, repo_type="space")
    return Snapshot(
        head=str(info.sha),
        files={
            entry.path: entry.blob_id
            for entry in api.list_repo_tree(space, repo_type="space", recursive=True)
            if hasattr(entry, "blob_id")
        },
        variables={name: variable.value for name, variable in api.get_space_variables(space).items()},
        secrets={name: (held.description, held.updated_at) for name, held in api.get_space_secrets(space).items()},
        branches={ref.name: ref.target_commit for ref in refs.branches},
        tags={ref.name: ref.target_commit for ref in refs.tags},
        private=bool(info.private),
        hardware=info.runtime.requested_hardware if info.runtime else None,
    )
