"""A server of the standard library that behaves, or misbehaves, as $MISBEHAVE says."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MISBEHAVE = os.environ.get("MISBEHAVE", "")
REVISION = Path("REVISION").read_text().strip()
PORT = int(os.environ.get("PORT", "7860"))
WRITTEN = {"write": "own/state.db", "write code": "state.db", "write data": "/data/seen"}
WRAPPER = "while true; do MISBEHAVE=crash python -u main.py; sleep 0.3; done"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if MISBEHAVE == "hang":
            time.sleep(600)
        status = 500 if MISBEHAVE == "unhealthy" else 200
        revision = {"stale": "0" * 40, "silent": None}.get(MISBEHAVE, REVISION)
        body = json.dumps({"status": "ok", "revision": revision, "environment": sorted(os.environ)}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if MISBEHAVE == "once":
            os._exit(4)


def serve(host: str, port: int) -> None:
    sys.stderr.write(f"listening on {host}:{port}\n")
    ThreadingHTTPServer((host, port), Handler).serve_forever()


def main() -> None:
    if MISBEHAVE == "exit":
        sys.stderr.write(f"cannot go on with {os.environ.get('API_KEY')}\n")
        sys.exit(3)
    if MISBEHAVE == "crash":
        raise RuntimeError("no database")
    if MISBEHAVE == "restart":
        os.execvp("sh", ["sh", "-c", WRAPPER])
    if MISBEHAVE == "idle":
        time.sleep(600)
    if MISBEHAVE in WRITTEN:
        Path(WRITTEN[MISBEHAVE]).write_text("")
    if MISBEHAVE == "eat":
        sys.stderr.write(f"{len(bytearray(512 * 1024 * 1024))}\n")
    if MISBEHAVE == "loopback":
        serve("127.0.0.1", PORT)
    if MISBEHAVE == "elsewhere":
        serve("0.0.0.0", 9999)
    if MISBEHAVE == "fixed":
        serve("0.0.0.0", 7860)
    serve("0.0.0.0", PORT)


main()
