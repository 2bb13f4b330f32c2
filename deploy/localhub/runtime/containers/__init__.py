"""Spaces in containers of a Docker engine."""
