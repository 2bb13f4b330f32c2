"""What an image lacks of the system, and how a Dockerfile installs it. Names are Debian's."""

from __future__ import annotations

import re

_LIBRARIES = {
    **dict.fromkeys(("libglib-2.0", "libgthread-2.0", "libgobject-2.0"), "libglib2.0-0"),
    "libxml2": "libxml2",
    "libmariadb": "libmariadb3",
    "libgssapi_krb5": "libgssapi-krb5-2",
}
"""Those that are not called by their soname in small letters, which is Debian's rule (Policy 8.1)."""
_PROGRAMS = {
    **dict.fromkeys(
        ("gcc", "cc", "g++", "c++", "make", "x86_64-linux-gnu-gcc", "aarch64-linux-gnu-gcc"), "build-essential"
    ),
    **dict.fromkeys(("rustc", "cargo"), "cargo"),
    "node": "nodejs",
    "pg_config": "libpq-dev",
    "mysql_config": "default-libmysqlclient-dev",
    "ps": "procps",
    "psql": "postgresql-client",
    "redis-cli": "redis-tools",
    "nc": "netcat-openbsd",
    "pdftotext": "poppler-utils",
    "tesseract": "tesseract-ocr",
    "convert": "imagemagick",
    "java": "default-jre-headless",
    "xz": "xz-utils",
}
_HEADERS = {
    "libpq-fe.h": "libpq-dev",
    "Python.h": "python3-dev",
    "ffi.h": "libffi-dev",
    "mysql.h": "default-libmysqlclient-dev",
    "portaudio.h": "portaudio19-dev",
    "zlib.h": "zlib1g-dev",
    "sql.h": "unixodbc-dev",
    "lber.h": "libldap2-dev",
}
_OF_PYTHON = frozenset(
    {"uvicorn", "gunicorn", "hypercorn", "fastapi", "daphne", "granian", "streamlit", "flask", "celery"}
)
_TOOLS_OF_PYTHON = frozenset({"uv", "poetry", "pdm", "pipenv", "hatch", "hf"})


def installing(package: str) -> str:
    """A line of a Dockerfile, in words; `package` may be several."""
    return (
        f"install it in the Dockerfile, before its USER: RUN apt-get update && apt-get install -y "
        f"--no-install-recommends {package}"
    )


def library(soname: str) -> str:
    """The cure for a missing `libgomp.so.1`: the package called by its name and version, as Debian calls them."""
    if re.match(r"lib(?:cu|nv)", soname):
        return "take the package's build for CPUs, or hardware with a GPU and an image that brings CUDA"
    name, _, version = soname.partition(".so")
    return installing(_LIBRARIES.get(name) or _by_rule(name.lower().replace("_", "-"), version.removeprefix(".")))


def _by_rule(name: str, version: str) -> str:
    return f"{name}-{version}" if name[-1].isdigit() and version else f"{name}{version}"


def program(name: str) -> str:
    """The cure for a program that is not there."""
    if name in _OF_PYTHON:
        return "add it to what the image installs: requirements.in and `invoke lock`, or the project's pyproject.toml"
    if name in _TOOLS_OF_PYTHON:
        return f"install it in the Dockerfile before it is called: RUN pip install {name}"
    return f"correct its name, or {installing(_PROGRAMS.get(name, name))}"


def header(path: str) -> str:
    """The cure for a header that a compiler does not find."""
    return installing(_HEADERS.get(path, f"the -dev package that brings {path}"))
