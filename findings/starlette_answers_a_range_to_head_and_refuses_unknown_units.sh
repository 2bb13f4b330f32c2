#!/usr/bin/env bash
# starlette 1.10.0: a file is answered to HEAD with 206 when a Range is asked for, and an unknown unit of ranges with 400.
#
# Expected: RFC 9110, section 14.2: a server ignores Range for every method but GET, and ignores a Range whose unit it
#   does not know; both give 200.
# Behaviour: FileResponse gives 206 for HEAD, with the length of the part, and 400 for `Range: items=0-1`.
# Why it matters: clients ask with HEAD how large a file is; one that sends Range with every request, as proxies and
#   download managers do, takes the part for the whole. A gateway that passes a unit of its own on breaks every download.
# Fails when starlette answers as the RFC says.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check starlette==1.10.0
cat >"$work/ask.py" <<'PYTHON'
import asyncio
from pathlib import Path

import starlette
from starlette.responses import FileResponse

file = Path("file.txt")
file.write_text("0123456789")


async def asked(method: str, unit: str) -> tuple[int, str]:
    sent: list[dict] = []

    async def receive() -> dict:
        return await asyncio.Future()  # the client says nothing more

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [(b"range", f"{unit}=0-1".encode())]
    scope = {"type": "http", "method": method, "path": "/", "headers": headers, "query_string": b""}
    await FileResponse(file)(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told["content-length"]


print("starlette", starlette.__version__)
for method, unit in (("GET", "bytes"), ("HEAD", "bytes"), ("GET", "items")):
    status, length = asyncio.run(asked(method, unit))
    print(f"{method} {unit}=0-1 of 10 bytes: {status}, length {length}")
PYTHON
output=$(cd "$work" && venv/bin/python ask.py)
printf '%s\n' "$output"
grep -qx 'HEAD bytes=0-1 of 10 bytes: 206, length 2' <<<"$output"
grep -q '^GET items=0-1 of 10 bytes: 400' <<<"$output"
