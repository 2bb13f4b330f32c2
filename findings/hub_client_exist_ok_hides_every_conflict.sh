#!/usr/bin/env bash
# huggingface_hub 2.4.0: `create_tag(exist_ok=True)` takes every 409 for "the tag is there".
#
# Expected: only the Hub's "reference exists already" counts as success; another conflict (the repository is busy,
#   a lock is held) is an error, since no tag was made.
# Behaviour: any 409 is swallowed and the call returns None, whatever the answer says.
# Why it matters: whoever uses a tag as a signature or a lock (a deploy's lease, "this release is good") believes in one
#   that does not exist. Look for the tag afterwards instead of trusting the call.
# Fails when the client begins to tell the two apart.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check huggingface_hub==2.4.0
cat >"$work/ask.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from huggingface_hub import HfApi, __version__


class Busy(BaseHTTPRequestHandler):
    """A Hub whose repository is busy: it makes no tag, and says so."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = json.dumps({"error": "The repository is busy, try again later"}).encode()
        self.send_response(409)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


server = HTTPServer(("127.0.0.1", 0), Busy)
threading.Thread(target=server.serve_forever, daemon=True).start()
api = HfApi(endpoint=f"http://127.0.0.1:{server.server_port}", token="hf_" + "x" * 34)
print("huggingface_hub", __version__)
print("create_tag(exist_ok=True) on a busy repository gives", api.create_tag("ann/app", tag="good", exist_ok=True))
PYTHON
output=$(NO_PROXY=127.0.0.1 "$work/venv/bin/python" "$work/ask.py")
printf '%s\n' "$output"
grep -qx 'create_tag(exist_ok=True) on a busy repository gives None' <<<"$output"
