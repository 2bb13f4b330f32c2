"""Logs of a Space: in memory, on disk, and the two that it has at any time."""
