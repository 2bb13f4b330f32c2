#!/usr/bin/env bash
# uvicorn 0.54.0: an app whose start-up fails ends one server with code 3, and the same server with two workers with 0.
#
# Expected: `uvicorn --workers 2` ends with another code than 0 when no worker ever served.
# Behaviour: each worker tells "Application startup failed. Exiting." and the parent, which ends when its children cannot
#   start, ends as if it had been asked to.
# Why it matters: a container that never served is "exited (0)" for the platform, a restart policy of "on-failure" leaves
#   it down, and a smoke test that looks at the exit code alone is green.
# Fails when the parent's code tells of the failure.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0
cat >"$work/main.py" <<'PYTHON'
async def app(scope, receive, send):
    """An ASGI application that refuses to start."""
    assert scope["type"] == "lifespan"
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the database is not there"})
PYTHON
"$work/venv/bin/python" -c 'import uvicorn; print("uvicorn", uvicorn.__version__)'
output=$(for workers in 1 2; do
    code=0
    (cd "$work" && timeout 60 venv/bin/uvicorn main:app --port 0 --lifespan on --workers "$workers" >/dev/null 2>&1) || code=$?
    echo "workers $workers: exit code $code"
done)
printf '%s\n' "$output"
grep -qx 'workers 1: exit code 3' <<<"$output"
grep -qx 'workers 2: exit code 0' <<<"$output"
