"""Requirement files as pip reads them, and modules by the distribution that brings them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.source.packages.brought import with_dependencies
from deploy.source.packages.imported import Uncovered, uncovered
from deploy.source.packages.modules import distribution_for, modules_of
from deploy.source.packages.requirements import Unreadable, Wanted, read_requirements


def read(files: Mapping[str, str | bytes], python: str = "3.13") -> list[Wanted | Unreadable]:
    encoded = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return list(read_requirements("requirements.txt", encoded.get, python))


def names(files: Mapping[str, str | bytes]) -> list[str]:
    return [item.name for item in read(files) if isinstance(item, Wanted)]


def test_a_file_as_pip_compile_writes_it() -> None:
    pinned = "FastAPI==0.115.0 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n    # via -r x\n"
    text = f"# by pip-compile\n{pinned}PyJWT[crypto]==2.9.0\n"
    first, second = read({"requirements.txt": text})
    assert isinstance(first, Wanted)
    assert isinstance(second, Wanted)
    assert (first.name, first.pin, first.line) == ("fastapi", "0.115.0", 2)
    assert (second.name, sorted(second.extras), second.line) == ("pyjwt", ["crypto"], 6)


def test_forms_that_people_write() -> None:
    text = (
        "--index-url https://example.org\n-c constraints.txt\nuvicorn[standard] >= 0.30, <1  # server\n\n"
        "git+https://example.org/owner/my-lib.git@v1\nhttps://example.org/pkg-1.0-py3-none-any.whl\n"
        "name @ https://example.org/name.zip\n-e git+https://example.org/x#egg=editable_lib\n./local\n"
    )
    assert names({"requirements.txt": text}) == ["uvicorn", "my-lib", "pkg", "name", "editable-lib", "local"]


def test_files_may_include_each_other() -> None:
    files = {"requirements.txt": "-r base/one.txt\nb\n", "base/one.txt": "a\n-r ../requirements.txt\n"}
    assert names(files) == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_as_powershell_writes_them(encoding: str) -> None:
    assert names({"requirements.txt": "fastapi\r\nuvicorn\r\n".encode(encoding)}) == ["fastapi", "uvicorn"]


def test_markers_are_those_of_the_image() -> None:
    text = "a; sys_platform == 'win32'\nb; python_version < '3.11'\nc; sys_platform == 'linux'\n"
    found = [item.applies for item in read({"requirements.txt": text}) if isinstance(item, Wanted)]
    assert found == [False, False, True]


def test_lines_pip_stops_at() -> None:
    assert [type(item) for item in read({"requirements.txt": "two words\nok\n=1\n"})] == [
        Unreadable,
        Wanted,
        Unreadable,
    ]


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


@pytest.mark.parametrize(
    ("module", "name"), [("jwt", "pyjwt"), ("cv2", "opencv-python-headless"), ("my_lib", "my-lib")]
)
def test_the_distribution_to_advise(module: str, name: str) -> None:
    assert distribution_for(module) == name


def test_one_distribution_does_not_stand_for_another() -> None:
    assert "fastapi" not in modules_of("fastapi-mail")
    assert "google" not in modules_of("googletrans")


def test_dependencies_are_followed_by_extra() -> None:
    found, known = with_dependencies([("fastapi", frozenset({"standard"}))])
    assert {"uvicorn", "pydantic", "starlette", "httptools", "jinja2"} <= found
    assert known
    assert with_dependencies([("fastapi", frozenset()), ("torch", frozenset())]) == (
        with_dependencies([("fastapi", frozenset())])[0] | {"torch"},
        False,
    )
    assert "httptools" not in with_dependencies([("uvicorn", frozenset())])[0]


def test_what_is_installed_on_this_machine_makes_no_difference(tmp_path: Path) -> None:
    """invoke is here, and pytest is not declared; odd comes with what is."""
    (tmp_path / "main.py").write_text("import invoke\nimport odd\nimport json\nimport lib.x\n", encoding="utf-8")
    found = uncovered(tmp_path, names=["strange"], first_party=["lib"], known={"strange": ("odd",)})
    assert found == (Uncovered(module="invoke", file="main.py", line=1),)
    assert uncovered(tmp_path, names=["invoke"], first_party=["lib", "odd"], known={}) == ()
