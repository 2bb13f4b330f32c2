"""What the app of a Space uses, as the Hub tells it and as our client reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import huggingface_hub as hf
import pytest
from huggingface_hub import HfApi
from huggingface_hub.utils._http import default_client_factory

from deploy.errors import DeployError
from deploy.secret import Secret
from deploy.space.client import HubClient
from deploy.space.model import Memory
from tests.integration.hub_fixtures import Hub, app_files, commit, settled

GIVEN = 500_000_000


@pytest.fixture
def running(hub: Hub, api: HfApi, space: str) -> str:
    """A Space whose pretended app uses half of what it is given."""
    settled(api, space, commit(api, space, app_files()))
    hub.fault(space=space, name="little_memory", value=GIVEN)
    return space


@pytest.fixture
def client(hub: Hub, running: str) -> Iterator[HubClient]:
    yield HubClient(hub.url, running, Secret(hub.token), token_variable="TOKEN")
    hf.set_client_factory(default_client_factory)


def test_an_event_comes_each_second_as_long_as_the_app_runs(hub: Hub, api: HfApi, running: str) -> None:
    url, headers = f"{hub.url}/api/spaces/{running}/metrics", {"Authorization": f"Bearer {hub.token}"}
    with httpx2.stream("GET", url, headers=headers, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        for _ in range(2):
            assert next(lines) == "event: metric"
            told = json.loads(next(lines).removeprefix("data: "))
            assert next(lines) == ""
            assert told == {
                "cpu_usage_pct": 0.0,
                "cpu_millicores": 2000,
                "memory_used_bytes": GIVEN // 2,
                "memory_total_bytes": GIVEN,
                "rx_bps": None,
                "tx_bps": None,
                "gpus": {},
                "replica": "one",
            }
        api.pause_space(running)
        assert len(list(lines)) <= 6


def test_our_client_takes_one_reading(client: HubClient) -> None:
    assert client.memory() == Memory(used=GIVEN // 2, total=GIVEN)


def test_what_cannot_be_told_is_an_error_that_says_why(hub: Hub, api: HfApi, client: HubClient) -> None:
    hub.heal()
    with pytest.raises(DeployError) as unknown:
        client.memory()
    assert "Pretended apps use nothing" in str(unknown.value.details)
    api.pause_space(client.space)
    with pytest.raises(DeployError) as halted:
        client.memory()
    assert "No app of this Space runs" in str(halted.value)


def test_metrics_are_for_members(hub: Hub, running: str) -> None:
    path = f"/api/spaces/{running}/metrics"
    assert hub.ask("GET", path, token=hub.new_token("eve")).status_code == 403
    assert hub.ask("GET", path, token="").status_code == 401
    assert hub.ask("GET", "/api/spaces/local/nothing/metrics").status_code == 404
