"""Spacewright ships a FastAPI backend to a Hugging Face Docker Space and proves that it works there."""

__version__ = "0.1.0"
