"""Evidence as real runs leave it: a task service on the local Hub, on a good day and on a bad one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.console import StepRecord
from deploy.evidence.model import Evidence
from deploy.proof import Cell, Proof
from tests.specification import TASKS

DEPLOY = "20261122T201530Z-1f9c2b7a"
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&]]>`|\x07\x1b[31m\u202eé"

_OPERATIONS = (
    ("GET /api/v1/tasks", 41, 30, "200 401 422", 11.8, 29.4, 58.0),
    ("POST /api/v1/tasks", 44, 21, "201 401 413 422", 14.1, 41.2, 77.5),
    ("GET /api/v1/tasks/{task_id}", 38, 12, "200 401 404 422", 9.7, 24.6, 49.1),
    ("PATCH /api/v1/tasks/{task_id}", 52, 17, "200 401 404 409 422", 15.2, 48.8, 92.3),
    ("DELETE /api/v1/tasks/{task_id}", 27, 9, "204 401 404", 12.5, 33.1, 61.0),
    ("POST /api/v1/auth/register", 33, 6, "201 409 422 429", 71.4, 118.0, 164.9),
    ("POST /api/v1/auth/login", 36, 8, "200 401 422 429", 68.9, 112.6, 190.2),
    ("POST /api/v1/auth/refresh", 19, 7, "200 401", 8.8, 21.3, 40.0),
    ("GET /health", 12, 12, "200", 1.9, 4.1, 8.8),
    ("GET /version", 11, 11, "200", 1.7, 3.9, 8.1),
)
_SEEN: Mapping[str, tuple[str, str, float]] = {
    "structure": (
        "files arrive as they are, with a card and a Dockerfile",
        "31 files, card sdk docker, port 7860",
        0.1,
    ),
    "image": ("the image imports and serves as uid 1000, read-only", "uid 1000, read-only root, /tmp writable", 4.1),
    "boot": ("200 from /health on a random port and on 7860", "port 51649 after 0.7 s, 7860 after 0.5 s", 4.0),
    "build": ("the Hub builds the pushed commit", "built in 14.2 s", 14.2),
    "serving": ("GET /version tells revision 3b18e512dba7", "revision 3b18e512dba7", 0.1),
    "endpoints": ("each of 10 operations is reached with success", "10 of 10, 313 calls, seed 20261122", 21.4),
    "auth": ("register, log in, refresh, log out, and 9 forged tokens refused", "14 of 14 steps", 3.3),
    "browser": ("the pages work from their own origin, another, and in a frame", "3 of 3", 12.6),
    "responsive": ("no page is wider than 360, 768 and 1440 px", "9 pages, none is wider", 9.8),
    "load": ("p95 under 250 ms, p99 under 500 ms, errors under 1 %, 40 requests/s", "p95 118 ms, 0 errors, 61/s", 30.0),
    "stable": ("twice in a row and after a restart, the same results", "3 runs of 24 checks agree", 41.0),
}


def evidence(**changes: Any) -> Evidence:
    """All 35 tasks proved, unless `proofs` says otherwise."""
    started = datetime(2026, 11, 22, 20, 15, 30, tzinfo=UTC)
    whole = Evidence(
        deploy=DEPLOY,
        target="local",
        space="local/tasks",
        hub="http://127.0.0.1:7960",
        url="http://127.0.0.1:25956",
        who="you@here",
        started=started,
        finished=started + timedelta(seconds=192),
        verdict="deployed",
        rolled_back=False,
        source_sha="65095eb2c1f0a9d2b7c4e8f10325476981badcfe",
        revision="3b18e512dba7c0ffee00112233445566778899aa",
        image="sha256:9f2c4b8e1d7a6035c4b1f8e2d9a7605b3c4e1f8a2d7b9056c3e4f1a8b2d7c905",
        commit="0c292e62feda7b1390a8d5c4e3f2b1a098765432",
        tools={"spacewright": "0.1.0", "python": "3.13.9", "docker": "20.10.24", "chromium": "156.0.8078.79"},
        steps=(
            StepRecord(name="check", seconds=1.2, outcome="ok", note="31 files, 0 errors, 0 warnings"),
            StepRecord(name="build", seconds=14.0, outcome="ok", note="236 MB, 5 layers"),
            StepRecord(name="commit", seconds=0.2, outcome="ok", note="0c292e62feda, 31 files"),
            StepRecord(name="verify", seconds=92.0, outcome="ok", note="36 of 36 checks passed"),
        ),
        proofs=proofs(),
        tasks=TASKS,
    )
    return replace(whole, **changes)


def proofs(**verdicts: Proof) -> tuple[Proof, ...]:
    """One for each check of the catalogue; a keyword (with _ for a space) replaces the proof of its check."""
    clock, made = 0.0, []
    for check in (check for task in TASKS for check in task.checks):
        asked, seen, seconds = _SEEN.get(check, (f"what {check} must hold", "it holds", 0.4))
        made.append(
            Proof(
                check=check,
                verdict="passed",
                asked=asked,
                seen=seen,
                seconds=seconds,
                started=round(clock, 1),
                figures=_FIGURES.get(check, {}),
                tables=_TABLES.get(check, {}),
            )
        )
        clock += seconds / 3
    given = {name.replace("_", " "): proof for name, proof in verdicts.items()}
    return tuple(given.get(proof.check, proof) for proof in made)


def troubled() -> Evidence:
    """What a bad day leaves: failures, checks not run, long texts, hostile ones, and a check beside the catalogue."""
    return evidence(
        verdict="rolled_back",
        rolled_back=True,
        proofs=(
            *proofs(
                endpoints=Proof(
                    check="endpoints",
                    verdict="failed",
                    asked="each of 10 operations is reached with success",
                    seen="9 of 10; DELETE /api/v1/tasks/{task_id} answered 500",
                    seconds=22.9,
                    started=3.0,
                    details=(
                        "DELETE /api/v1/tasks/{task_id}: 500, want 204",
                        "curl -X DELETE http://127.0.0.1:25956/api/v1/tasks/7c5f --header 'Authorization: [token]'",
                        *(f"seed 20261122, example {number}: {'0123456789abcdef' * 12}" for number in range(60)),
                    ),
                    tables={"endpoints": (*_ENDPOINTS[:4], {**_ENDPOINTS[4], "success": 0, "statuses": "401 404 500"})},
                ),
                security=Proof(
                    check="security",
                    verdict="failed",
                    asked=f"headers, origins, tokens {HOSTILE}",
                    seen=HOSTILE,
                    seconds=6.0,
                    started=20.0,
                    details=(HOSTILE, "x" * 400),
                    tables={HOSTILE: ({HOSTILE: HOSTILE},)},
                    files=(f"screenshots/{HOSTILE}.png",),
                ),
                load=Proof(check="load", verdict="not run", asked="the declared load", seen="the app did not answer"),
                browser=Proof(
                    check="browser", verdict="not run", asked="the pages work", seen="needs a browser: no chromium"
                ),
            ),
            Proof(check="GET /", verdict="passed", asked="GET / is 200", seen="200", seconds=0.01),
        ),
    )


def with_screenshots(folder: Path, whole: Evidence) -> Evidence:
    """The same with pictures of three widths, which are drawn into `folder`."""
    names = []
    for page in ("login", "tasks", "settings"):
        for width, height in ((360, 740), (768, 1024), (1440, 900)):
            names.append(f"screenshots/{page}-{width}.png")
            path = folder / names[-1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(width, height))
    pictured = tuple(
        replace(proof, files=tuple(names)) if proof.check == "responsive" else proof for proof in whole.proofs
    )
    return replace(whole, proofs=pictured)


def png(width: int, height: int, *, noise: bytes = b"") -> bytes:
    """A picture of that size, plain; `noise` makes the file longer."""
    rows = b"".join(b"\0" + bytes((240 - 60 * (40 < y < 90), 242, 246)) * width for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"teXt", noise), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


_ENDPOINTS: tuple[Mapping[str, Cell], ...] = tuple(
    {"operation": operation, "calls": calls, "success": success, "statuses": statuses}
    for operation, calls, success, statuses, *_ in _OPERATIONS
)
_LATENCY: tuple[Mapping[str, Cell], ...] = tuple(
    {"operation": operation, "requests": calls * 9, "failures": 0, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}
    for operation, calls, _, _, p50, p95, p99 in _OPERATIONS
)
_TABLES: Mapping[str, Mapping[str, tuple[Mapping[str, Cell], ...]]] = {
    "endpoints": {"endpoints": _ENDPOINTS},
    "load": {"latency": _LATENCY},
}
_FIGURES: Mapping[str, Mapping[str, float]] = {
    "build": {"image_mb": 236.4},
    "load": {
        "p95_ms": 118.0,
        "p99_ms": 190.2,
        "requests_per_second": 61.3,
        "budget_p50_ms": 80.0,
        "budget_p95_ms": 250.0,
        "budget_p99_ms": 500.0,
    },
}
