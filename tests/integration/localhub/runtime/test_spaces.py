"""Whole Spaces on the local Hub: committed by the real client, built, run, and asked at their address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from deploy.image.engine import Engine
from tests.integration.hub_fixtures import README, Hub, HubRuntime, commit, running_hub, settled

DOCKERFILE = b"""FROM python:3.13-slim
ARG COLOUR=none
RUN echo "colour $COLOUR"
WORKDIR /app
COPY . .
USER 1000
CMD ["python", "main.py"]
"""
APP = """
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

VERSION = {version!r}

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        names = ("COLOUR", "KEY", "SPACE_ID", "SPACE_HOST", "SPACE_AUTHOR_NAME", "CPU_CORES", "HF_TOKEN")
        body = json.dumps({{"version": VERSION, **{{name: os.environ.get(name) for name in names}}}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

print("began", VERSION, flush=True)
HTTPServer(("0.0.0.0", int(os.environ.get("PORT", "7860"))), Handler).serve_forever()
"""


def files(version: str, *, main: str | None = None, dockerfile: bytes = DOCKERFILE) -> list[CommitOperationAdd]:
    source = {"README.md": README, "Dockerfile": dockerfile, "main.py": (main or APP.format(version=version)).encode()}
    return [CommitOperationAdd(name, data) for name, data in source.items()]


@pytest.fixture(scope="module", params=["process", "docker"])
def runtime(request: pytest.FixtureRequest) -> HubRuntime:
    if request.param == "docker":
        engine = request.getfixturevalue("docker")
        assert isinstance(engine, Engine)
    kind: HubRuntime = request.param
    return kind


@pytest.fixture(scope="module")
def hub(runtime: HubRuntime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub") / "home", runtime) as hub:
        yield hub
        hub.clear()


def asked(address: str, **headers: str) -> dict[str, Any]:
    answer = httpx2.get(address, headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def host(api: HfApi, space: str) -> str:
    address = api.space_info(space).host
    assert address is not None
    return address


def test_a_commit_is_served_and_the_next_one_takes_over(hub: Hub, api: HfApi, space: str) -> None:
    api.add_space_variable(space, "COLOUR", "green")
    api.add_space_secret(space, "KEY", "correct-horse")
    first = commit(api, space, files("one"))
    assert settled(api, space, first, timeout=120).stage == "RUNNING"
    told = asked(host(api, space))
    assert told["version"] == "one"
    assert (told["COLOUR"], told["KEY"], told["SPACE_ID"], told["HF_TOKEN"]) == ("green", "correct-horse", space, None)
    assert f"http://{told['SPACE_HOST']}" == host(api, space)
    hub.fault(space=space, name="stuck_build")
    second = commit(api, space, files("two"))
    assert asked(host(api, space))["version"] == "one"
    runtime = api.get_space_runtime(space)
    assert (runtime.stage, runtime.raw["sha"]) == ("RUNNING_BUILDING", first)
    hub.heal()
    while api.get_space_runtime(space).raw["sha"] != second:
        assert asked(host(api, space))["version"] in {"one", "two"}
        time.sleep(0.1)
    assert asked(host(api, space))["version"] == "two"
    assert any("began two" in line for line in api.fetch_space_logs(space))
    assert "correct-horse" not in hub.log() + "".join(api.fetch_space_logs(space, build=True))


def test_a_changed_secret_reaches_the_app(api: HfApi, space: str) -> None:
    made = commit(api, space, files("one"))
    settled(api, space, made, timeout=120)
    api.add_space_secret(space, "KEY", "new")
    settled(api, space, made, timeout=120)
    assert asked(host(api, space))["KEY"] == "new"


def test_a_build_that_fails_says_so_and_the_old_one_serves(api: HfApi, space: str) -> None:
    settled(api, space, commit(api, space, files("one")), timeout=120)
    broken = commit(api, space, files("two", dockerfile=b"FROM python:3.13-slim\nCOPY no-such-file .\nCMD true\n"))
    runtime = settled(api, space, broken, timeout=120)
    assert runtime.stage == "BUILD_ERROR"
    assert "no-such-file" in "".join(api.fetch_space_logs(space, build=True)) + runtime.raw["errorMessage"]
    assert asked(host(api, space))["version"] == "one"
    back = commit(api, space, files("one"))
    assert settled(api, space, back, timeout=120).stage == "RUNNING"


def test_an_app_that_crashes_says_so_with_its_log(api: HfApi, space: str) -> None:
    made = commit(api, space, files("x", main="raise SystemExit('there is no database')\n"))
    runtime = settled(api, space, made, timeout=120)
    assert runtime.stage == "RUNTIME_ERROR"
    assert any("there is no database" in line for line in api.fetch_space_logs(space))


def test_a_private_space_wants_a_token(hub: Hub, api: HfApi) -> None:
    api.create_repo("local/hidden", repo_type="space", space_sdk="docker", private=True)
    settled(api, "local/hidden", commit(api, "local/hidden", files("one")), timeout=120)
    address = host(api, "local/hidden")
    assert httpx2.get(address, timeout=20).status_code == 404
    assert asked(address, Authorization=f"Bearer {hub.token}")["version"] == "one"


def test_a_private_space_takes_a_pass_and_then_the_cookie_that_it_gave(hub: Hub, api: HfApi) -> None:
    for name in ("local/mine", "local/other"):
        api.create_repo(name, repo_type="space", space_sdk="docker", private=True)
    settled(api, "local/mine", commit(api, "local/mine", files("one")), timeout=120)
    address = host(api, "local/mine")
    mine, other = (hub.ask("GET", f"/api/spaces/local/{name}/jwt").json()["token"] for name in ("mine", "other"))
    signed = httpx2.get(address, params={"__sign": mine}, timeout=20)
    assert signed.json()["version"] == "one"
    cookie = signed.headers["set-cookie"].partition(";")[0]
    assert cookie == f"spaces-jwt={mine}"
    assert asked(address, Cookie=cookie)["version"] == "one"
    assert httpx2.get(address, params={"__sign": other}, timeout=20).status_code == 404
    assert httpx2.get(address, params={"__sign": mine[:-2]}, timeout=20).status_code == 404


def test_a_space_made_anew_under_an_old_name_has_nothing_of_it(api: HfApi, space: str) -> None:
    api.add_space_secret(space, "KEY", "old")
    settled(api, space, commit(api, space, files("one")), timeout=120)
    api.delete_repo(space, repo_type="space")
    api.create_repo(space, repo_type="space", space_sdk="docker")
    assert api.get_space_runtime(space).stage == "NO_APP_FILE"
    assert list(api.fetch_space_logs(space)) == []
    settled(api, space, commit(api, space, files("two")), timeout=120)
    told = asked(host(api, space))
    assert (told["version"], told["KEY"]) == ("two", None)


def test_the_hub_can_be_told_to_report_the_old_commit(hub: Hub, api: HfApi, space: str) -> None:
    first = commit(api, space, files("one"))
    settled(api, space, first, timeout=120)
    hub.fault(space=space, name="stale_running", value=True)
    commit(api, space, files("two"))
    runtime = api.get_space_runtime(space)
    assert (runtime.stage, runtime.raw["sha"]) == ("RUNNING", first)


def test_a_restarted_hub_serves_what_it_served(runtime: HubRuntime, tmp_path: Path) -> None:
    home = tmp_path / "hub"
    with running_hub(home, runtime) as hub:
        api = hub.api()
        api.create_repo("local/app", repo_type="space", space_sdk="docker")
        made = commit(api, "local/app", files("one"))
        settled(api, "local/app", made, timeout=120)
        address = host(api, "local/app")
    with pytest.raises(httpx2.TransportError):
        httpx2.get(address, timeout=5)
    with running_hub(home, runtime) as hub:
        assert settled(hub.api(), "local/app", made, timeout=120).stage == "RUNNING"
        assert host(hub.api(), "local/app") == address
        assert asked(address)["version"] == "one"
        hub.clear()
