"""The stable address of a Space: a reverse proxy on loopback, and who is let in."""
