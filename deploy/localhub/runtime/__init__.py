"""Runs Spaces on this machine: builds a commit, serves it behind a stable address, keeps its logs and its state."""

from __future__ import annotations

from deploy.localhub.runtime.front import Patience
from deploy.localhub.runtime.logs.stream import LogEvent, LogStream
from deploy.localhub.runtime.model import RuntimeState, SpaceBuild, Stage
from deploy.localhub.runtime.supervisor import Supervisor

__all__ = ["LogEvent", "LogStream", "Patience", "RuntimeState", "SpaceBuild", "Stage", "Supervisor"]
