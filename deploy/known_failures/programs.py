"""What an image lacks of the system, and how a Dockerfile installs it. Names are Debian's."""

from __future__ import annotations

import re

APT = "apt-get update && apt-get install -y --no-install-recommends"
_PAIRS = """
libglib-2.0>libglib2.0-0 libgthread-2.0>libglib2.0-0 libgobject-2.0>libglib2.0-0 libxml2>libxml2 libmariadb>libmariadb3
gcc>build-essential cc>build-essential g++>build-essential make>build-essential x86_64-linux-gnu-gcc>build-essential
aarch64-linux-gnu-gcc>build-essential rustc>cargo node>nodejs ps>procps psql>postgresql-client nc>netcat-openbsd
pg_config>libpq-dev mysql_config>default-libmysqlclient-dev redis-cli>redis-tools pdftotext>poppler-utils xz>xz-utils
tesseract>tesseract-ocr convert>imagemagick java>default-jre-headless libpq-fe.h>libpq-dev Python.h>python3-dev
ffi.h>libffi-dev mysql.h>default-libmysqlclient-dev portaudio.h>portaudio19-dev zlib.h>zlib1g-dev sql.h>unixodbc-dev
"""
_OTHERS = dict(pair.split(">") for pair in _PAIRS.split())
"""The packages of libraries, programs and headers that have another name than the rule gives: a library's soname in
small letters (Debian Policy 8.1), a program's own name."""
_CUDA = re.compile(r"lib(?:cu(?:da|blas|dnn|fft|rand|solver|sparse|pti)|nv|nccl)")
_SERVERS = frozenset(
    ("uvicorn", "gunicorn", "hypercorn", "fastapi", "daphne", "granian", "streamlit", "flask", "celery")
)
_INSTALLERS = frozenset(("uv", "poetry", "pdm", "pipenv", "hatch", "hf"))


def installing(package: str) -> str:
    """A line of a Dockerfile, in words; `package` may be several."""
    return f"install it in the Dockerfile, before its USER: RUN {APT} {package}"


def library(soname: str) -> str:
    """The cure for a missing `libgomp.so.1`: the package called by its name and version, as Debian calls them."""
    if _CUDA.match(soname):
        return "take the package's build for CPUs, or hardware with a GPU and an image that brings CUDA"
    name, _, version = soname.partition(".so")
    return installing(_OTHERS.get(name) or _by_rule(name.lower().replace("_", "-"), version.removeprefix(".")))


def _by_rule(name: str, version: str) -> str:
    return f"{name}-{version}" if name[-1].isdigit() and version else f"{name}{version}"


def program(name: str) -> str:
    """The cure for a program that is not there."""
    if name in _SERVERS:
        return "add it to what the image installs: requirements.in and `invoke lock`, or the project's pyproject.toml"
    if name in _INSTALLERS:
        return f"install it in the Dockerfile before it is called: RUN pip install {name}"
    return f"correct its name, or {installing(_OTHERS.get(name, name))}"


def header(path: str) -> str:
    """The cure for a header that a compiler does not find."""
    return installing(_OTHERS.get(path, f"the -dev package that brings {path}"))
