"""Spaces without an engine: programs of this machine, their virtual environments, and what is left of them."""
