"""The runtime of a Space as `GET /runtime` tells it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from deploy.localhub.hub import Hub
from deploy.localhub.runtime.model import RuntimeState
from deploy.localhub.spaces import Space

_SERVING = frozenset({"RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING"})


def document(hub: Hub, space: Space) -> dict[str, Any]:
    """All that the real Hub answers; `sha` is the commit that runs or, when nothing does, that is being made."""
    if space.sdk == "static":
        return {
            "stage": "RUNNING",
            "hardware": {"current": None, "requested": None},
            "storage": None,
            "replicas": {"requested": 1, "current": 1},
        }
    state = observed(hub, space)
    serving = state.stage in _SERVING
    address = urlsplit(hub.supervisor.space(space.id).address).netloc
    shown = {
        "stage": state.stage,
        "hardware": {"current": space.hardware if serving else None, "requested": space.hardware},
        "storage": None,
        "gcTimeout": space.sleep if space.sleep >= 0 else None,
        "replicas": {"requested": 1, "current": 1 if serving else 0},
        "devMode": space.dev_mode,
        "domains": [{"domain": address, "stage": "READY"}],
        "volumes": list(space.volumes),
    }
    if state.sha:
        shown["sha"] = state.sha
    if state.error_message:
        shown["errorMessage"] = state.error_message
    return shown


def observed(hub: Hub, space: Space) -> RuntimeState:
    """The supervisor's view, unless the Space is paused or its head cannot be built at all."""
    port = urlsplit(hub.supervisor.space(space.id).address).port or 0
    if space.paused:
        return RuntimeState(stage="PAUSED", sha=space.deployed, error_message=None, port=port)
    if space.blocked:
        blocked = space.blocked
        return RuntimeState(stage=blocked.stage, sha=blocked.commit, error_message=blocked.message, port=port)
    if space.deployed is None:
        return RuntimeState(stage="NO_APP_FILE", sha=None, error_message=None, port=port)
    return hub.supervisor.space(space.id).state()
