"""Puts load on the backend and on what it is compared with, each a server process of its own on loopback."""
