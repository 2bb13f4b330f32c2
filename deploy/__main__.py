"""`python -m deploy` is the `spacewright` command."""

from __future__ import annotations

from deploy.cli import main

main()
