"""Modules by the distribution that brings them."""

from __future__ import annotations

import pytest

from deploy.source.packages.modules import distribution_for, modules_of


@pytest.mark.parametrize(
    ("distribution", "module"),
    [
        ("pyjwt", "jwt"),
        ("pyyaml", "yaml"),
        ("pillow", "PIL"),
        ("python-dotenv", "dotenv"),
        ("python-jose", "jose"),
        ("beautifulsoup4", "bs4"),
        ("opencv-python-headless", "cv2"),
        ("google-cloud-storage", "google"),
        ("psycopg2-binary", "psycopg2"),
        ("scikit-learn", "sklearn"),
        ("prometheus-client", "prometheus_client"),
        ("pymongo", "bson"),
        ("tavily-python", "tavily"),
    ],
)
def test_modules_by_distribution(distribution: str, module: str) -> None:
    assert module in modules_of(distribution)


@pytest.mark.parametrize(("module", "name"), [("jwt", "pyjwt"), ("cv2", "opencv-python-headless"), ("my_lib", None)])
def test_the_distribution_to_advise(module: str, name: str | None) -> None:
    assert distribution_for(module) == name


def test_one_distribution_does_not_stand_for_another() -> None:
    assert "fastapi" not in modules_of("fastapi-mail")
    assert "google" not in modules_of("googletrans")
