"""Wakes the streams of a user whose tasks changed."""

from __future__ import annotations

from uuid import UUID


class Broker:
    def wake(self, user_id: UUID) -> None:
        """Lets every stream of the user look for changes. Called after they were committed."""
