"""Locks: each `requirements.in` of the project turned into a `requirements.txt` with hashes, by pip-tools.

A lock says what it was made from, so that `check` can mostly answer without the network.
"""

from __future__ import annotations

from deploy.lock.check import Verdict, check
from deploy.lock.files import LockFile, project_locks, source_lock
from deploy.lock.inputs import Finding
from deploy.lock.table import Move, table
from deploy.lock.update import Update, update

__all__ = [
    "Finding",
    "LockFile",
    "Move",
    "Update",
    "Verdict",
    "check",
    "project_locks",
    "source_lock",
    "table",
    "update",
]
