"""Runs pip-compile in a folder of its own and prints the lock: `python worker.py`, a job as JSON on stdin.

It is sent as text into the image whose Python a lock is for, so it imports the standard library alone.

Job: `files` (text by path), `folder` (where pip-compile runs), `arguments` (of pip-compile), `output` (the lock's
name in `folder`), `python` (`3.13`, or null for any), `tools` (base64 of a zip with pip-tools and what it needs, or
null to use what is installed). Answer, the last line: `{"code": ..., "lock": text or null, "python": "3.13"}`;
the lines before are pip-compile's.
"""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME"),
    *("PIP_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
"""All that pip learns of the machine: where to keep its cache, whom to trust, and how to reach the network."""


def main() -> None:
    job = json.load(sys.stdin)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if job["python"] not in {None, here}:
        answer = {"code": 0, "lock": None, "python": here}
    else:
        with tempfile.TemporaryDirectory(prefix="spacewright-lock-") as scratch:
            answer = {**compile_in(Path(scratch), job), "python": here}
    sys.stdout.write(json.dumps(answer) + "\n")


def compile_in(scratch: Path, job: dict[str, Any]) -> dict[str, Any]:
    project, tools = scratch / "project", scratch / "tools"
    for name, text in job["files"].items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    env = {key: value for key, value in os.environ.items() if key in KEPT}
    env |= {"CUSTOM_COMPILE_COMMAND": "invoke lock", "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"}
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    if job["tools"]:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(job["tools"]))) as archive:
            archive.extractall(tools)
        env["PYTHONPATH"] = str(tools)
    folder = project / job["folder"]
    argv = [sys.executable, "-m", "piptools", "compile", *job["arguments"]]
    done = subprocess.run(argv, cwd=folder, env=env, stdout=sys.stdout, stderr=subprocess.STDOUT, check=False)
    lock = folder / job["output"]
    return {"code": done.returncode, "lock": lock.read_text(encoding="utf-8") if done.returncode == 0 else None}


if __name__ == "__main__":
    main()
