"""Going back: a new commit that holds an old tree. The Hub has no revert of its own."""

from __future__ import annotations

from deploy.space.client import HubClient
from deploy.space.observe import list_files
from deploy.space.operations import Delete, Operation, Restore, Write


def restoring_operations(client: HubClient, *, good: str, head: str) -> list[Operation]:
    """What turns the tree of `head` into that of `good`: changed files are read back from the Hub itself."""
    old, new = list_files(client, good), list_files(client, head)
    operations: list[Operation] = []
    for path, entry in old.items():
        if path in new and new[path].oid == entry.oid:
            continue
        if entry.lfs:
            operations.append(Restore(path=path, revision=good))
        else:
            operations.append(Write(path=path, content=client.read(path, good)))
    operations += [Delete(path=path) for path in new if path not in old]
    return operations
