"""The Space card: the YAML block at the top of the shipped README.md, and what the Hub makes of it."""

from __future__ import annotations

from deploy.card.front_matter import CardError, CardProblem, FrontMatter
from deploy.card.judge import problems
from deploy.card.reading import DEFAULT_PORT, Card, parse

__all__ = ["DEFAULT_PORT", "Card", "CardError", "CardProblem", "FrontMatter", "parse", "problems"]
