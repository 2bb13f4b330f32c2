"""Checks of a running deployment, the same for a container, the local Hub's Spaces and the live one."""
