"""unlock: the lease of a deploy that is gone for good, cleared."""

from __future__ import annotations

from deploy.pipeline.run import Run
from deploy.pipeline.steps.space import existing
from deploy.space.lease import break_lease, current


def unlock(run: Run) -> str:
    """Clear the lease; gives a sentence about what it was, or "" when there was none."""
    existing(run)
    held, _ = current(run.client.refs())
    lease = break_lease(run.client)
    if lease:
        return f"Cleared the lease that {lease.holder} took at {lease.since:%Y-%m-%d %H:%M:%S} UTC."
    return "Cleared an unsigned lease." if held else ""
