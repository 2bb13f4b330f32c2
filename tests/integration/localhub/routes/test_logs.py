"""Build and run logs, as the real client reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from huggingface_hub import HfApi

from tests.integration.hub_fixtures import Hub, app_files, commit, settled

SILENCE = 10
"""Seconds after which a reader gives up: fewer than between two signs of life of a log that is still written."""


def test_a_build_log_ends_with_its_build(hub: Hub, api: HfApi, space: str) -> None:
    made = commit(api, space, app_files())
    lines = list(api.fetch_space_logs(space, build=True, follow=True))
    assert (lines[1], lines[-1]) == (f"commit {made}\n", "done\n")
    assert list(api.fetch_space_logs(space, build=True)) == lines
    assert "done" in hub.ask("GET", f"/api/spaces/{space}/logs/build", timeout=SILENCE).text


def test_a_run_log_shows_what_was_written_a_moment_ago(api: HfApi, space: str) -> None:
    made = commit(api, space, app_files())
    settled(api, space, made)
    assert f"serving {made}\n" in list(api.fetch_space_logs(space))


def test_a_space_that_was_never_built_has_empty_logs(api: HfApi, space: str) -> None:
    assert list(api.fetch_space_logs(space, build=True)) == []
    assert list(api.fetch_space_logs(space)) == []


def test_events_are_in_the_form_and_not_in_the_future(hub: Hub, api: HfApi, space: str) -> None:
    settled(api, space, commit(api, space, app_files()))
    answer = hub.ask("GET", f"/api/spaces/{space}/logs/build")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert len(answer.headers.get_list("date")) == 1
    date = parsedate_to_datetime(answer.headers["date"])
    events = [line for line in answer.text.splitlines() if line]
    assert events
    assert all(line.startswith('data: {"data": "') for line in events)
    assert abs((datetime.now(UTC) - date).total_seconds()) < 5
    assert len(hub.ask("GET", f"/api/spaces/{space}/logs/build?tail=2").text.split()) < len(answer.text.split())


def test_every_answer_begins_with_the_first_event(hub: Hub, api: HfApi, space: str) -> None:
    """The client counts events to go on after a broken connection."""
    settled(api, space, commit(api, space, app_files()))
    first = hub.ask("GET", f"/api/spaces/{space}/logs/build").text
    assert hub.ask("GET", f"/api/spaces/{space}/logs/build").text == first


def test_many_who_follow_do_not_hold_up_the_others(hub: Hub, api: HfApi, space: str) -> None:
    """Nobody's log ends before the others have their answers."""
    settled(api, space, commit(api, space, app_files()))
    headers = {"Authorization": f"Bearer {hub.token}"}
    clients = [httpx2.Client(timeout=10) for _ in range(60)]
    streams = [client.stream("GET", f"{hub.url}/api/spaces/{space}/logs/run", headers=headers) for client in clients]
    try:
        for stream in streams:
            assert stream.__enter__().status_code == 200
        for _ in range(5):
            assert hub.ask("GET", f"/api/spaces/{space}/runtime", timeout=SILENCE).status_code == 200
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)
        for client in clients:
            client.close()


def test_logs_are_for_members(hub: Hub, api: HfApi, space: str) -> None:
    commit(api, space, app_files())
    assert hub.ask("GET", f"/api/spaces/{space}/logs/build", token=hub.new_token("eve")).status_code == 403
    assert hub.ask("GET", f"/api/spaces/{space}/logs/build", token="").status_code == 401
    api.update_repo_settings(space, repo_type="space", visibility="private")
    assert hub.ask("GET", f"/api/spaces/{space}/logs/build", token=hub.new_token("eve")).status_code == 404
