"""Keys that sign the tokens of tests and nothing else; long enough for HS512 too."""

from __future__ import annotations

KEYS = {
    "A": "in slot A of the tests, and of nobody who has anything to lose by it",
    "B": "in slot B of the tests, and of nobody who has anything to lose by it",
}
