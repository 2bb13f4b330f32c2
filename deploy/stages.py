"""The stages of a Space, as the Hub names them (`SpaceStage` of huggingface_hub), by what they mean to a deploy."""

from __future__ import annotations

RUNNING = "RUNNING"
BUILDING_STAGES = frozenset({"BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING"})
"""They pass by themselves (INTERMEDIATE_SPACE_STAGES of huggingface_hub)."""
FAILED_STAGES = frozenset({"BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR", "NO_APP_FILE"})
IDLE_STAGES = frozenset({"PAUSED", "STOPPED", "SLEEPING"})
