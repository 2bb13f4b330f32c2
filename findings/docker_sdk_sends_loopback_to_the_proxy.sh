#!/usr/bin/env bash
# docker (the SDK for Python) 7.2.0: with HTTP_PROXY set, an engine on tcp://127.0.0.1 is asked through the proxy.
#
# Expected: loopback is reached directly, as the address is this machine's own.
# Behaviour: the request for `tcp://127.0.0.1` goes to the proxy, which cannot know that engine; only NO_PROXY keeps it
#   away. An engine on a unix socket is not concerned.
# Why it matters: on a build machine behind a company's proxy, with the engine on a port of loopback, every build fails
#   with the proxy's error page, and nothing in it says "proxy". Set NO_PROXY=127.0.0.1,localhost,::1.
# Fails when the SDK begins to spare loopback.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check docker==7.2.0
cat >"$work/ask.py" <<'PYTHON'
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import docker

asked: dict[str, list[str]] = {"engine": [], "proxy": []}


def serving(name: str) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[name].append(self.path)
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"OK")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


engine, proxy = serving("engine"), serving("proxy")
for name in ("NO_PROXY", "no_proxy", "http_proxy"):
    os.environ.pop(name, None)
os.environ["HTTP_PROXY"] = f"http://127.0.0.1:{proxy.server_port}"
client = docker.DockerClient(base_url=f"tcp://127.0.0.1:{engine.server_port}", version="1.41")
client.ping()
print("docker", docker.__version__)
print("asked: engine", len(asked["engine"]), "proxy", len(asked["proxy"]))
PYTHON
output=$("$work/venv/bin/python" "$work/ask.py")
printf '%s\n' "$output"
grep -qx 'asked: engine 0 proxy 1' <<<"$output"
