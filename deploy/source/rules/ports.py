"""The app listens where the platform looks for it, on all interfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deploy.card import DEFAULT_PORT
from deploy.network import is_loopback
from deploy.source.findings import Finding, Report, error, warning
from deploy.source.material import Material
from deploy.source.start.serving import Serving

_PROXIES = re.compile(r"\b(?:caddy|envoy|haproxy|nginx|supervisord?|traefik)\b")
_BIND = "--host 0.0.0.0 --port ${PORT:-%d}"


def contradiction(material: Material) -> Iterator[Finding]:
    """Where the server listens when nobody sets $PORT is where the card says."""
    serving, expected = _listening(material), _app_port(material)
    if serving is None or serving.port is None or serving.port == expected:
        return
    when = "without $PORT " if serving.follows else ""
    what = f"{when}{serving.launch.server} listens on {serving.port}, and the Hub looks on {expected} (app_port)"
    cure = f"listen on {_BIND % expected}, or write app_port: {serving.port} in README.md"
    yield _of(material)("port-contradicts", what + _other(material), cure, file=serving.file, line=serving.line)


def binding(material: Material) -> Iterator[Finding]:
    """The server can be reached from outside the container, and goes where $PORT says."""
    serving, expected = _listening(material), _app_port(material)
    if serving is None:
        return
    server = serving.launch.server
    if serving.launch.host and is_loopback(serving.launch.host):
        what = f"{server} listens on {serving.launch.host}, which nothing outside the container can reach"
        cure = f"listen on all interfaces: {_BIND % expected}"
        yield _of(material)("loopback", what + _other(material), cure, file=serving.file, line=serving.line)
    if serving.port_text and "$" in serving.port_text and "$(" not in serving.port_text:
        what = f"{server} is given {serving.port_text} as it stands: the JSON form expands no variables"
        cure = f'CMD ["sh", "-c", "exec {server} … --port ${{PORT:-{expected}}}"]'
        yield error("port-unexpanded", what, cure, file=serving.file, line=serving.line)
    elif serving.port_text is not None and "$(" not in serving.port_text:
        given = (
            f"{serving.port_text!r}, which is no port" if serving.port_text else "no port: what stands there is empty"
        )
        cure = (
            f"--port ${{PORT:-{expected}}}; in the Dockerfile it is ENV NAME=value, and names are as they are written"
        )
        yield error("port-invalid", f"{server} is given {given}", cure, file=serving.file, line=serving.line)
    elif serving.port == expected and serving.follows is False and not material.config.source.fixed_port:
        what = f"the port is fixed at {serving.port}: right on a Space, and $PORT is ignored"
        cure = f"exec {server} … --port ${{PORT:-{expected}}} in the shell form, or fixed_port = true in deploy.toml"
        yield warning("port-ignored", what, cure, file=serving.file, line=serving.line)


def _listening(material: Material) -> Serving | None:
    """The server, when it is the one that the platform talks to."""
    serving = material.serving
    return None if serving is None or serving.launch.host == "unix" or _behind_proxy(material) else serving


def _behind_proxy(material: Material) -> bool:
    return any(_PROXIES.search(program) for program in (material.started.programs if material.started else ()))


def _of(material: Material) -> Report:
    """What is wrong of the only server may be right of one behind another."""
    return warning if _other(material) else error


def _other(material: Material) -> str:
    others = material.started.beside if material.started else ()
    return f"; right if {others[0]} answers in its place" if others else ""


def _app_port(material: Material) -> int:
    return material.card.app_port if material.card else DEFAULT_PORT
