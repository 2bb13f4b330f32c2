"""Secrets that lie in the source. Nothing here keeps or shows a value longer than it takes to judge it."""
