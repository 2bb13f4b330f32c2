"""ETags and preconditions: nobody overwrites what somebody else changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.config import Settings
from app.factory import create_app

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]
MATCHING = ["*", '"1"', '"0", "1"', '"1","7"', '"x,y" , "1"', 'W/"1", "1"']
FAILING = ['"2"', 'W/"1"', '"01"', '""', '"+1"', f'"{"9" * 5_000}"', '"*"', "\"'1'\""]
MALFORMED = ["1", '"1', '1"', "", ",", '"1" "1"', '*, "1"', 'w/"1"', "'1'", 'W/ "1"', '"1",', '"1 "']


@pytest.fixture
def replica(client: TestClient, settings: Settings) -> Iterator[TestClient]:
    """A second process that serves the same data, as far as one process can be two."""
    with TestClient(create_app(settings)) as replica:
        yield replica


def test_the_etag_is_the_version(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "x"}, headers=ann)
    where = made.headers["Location"]
    answers = [made, client.get(where, headers=ann), client.patch(where, json={"title": "y"}, headers=ann)]
    answers += [client.get(where, headers=ann), client.patch(where, json={}, headers=ann)]
    assert [answer.headers["ETag"] for answer in answers] == ['"1"', '"1"', '"2"', '"2"', '"2"']
    assert [answer.json()["version"] for answer in answers] == [1, 1, 2, 2, 2]


def test_a_task_that_is_known_is_not_sent_again(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    where = client.post(TASKS, json={"title": "x"}, headers=ann).headers["Location"]
    for known in [*MATCHING, 'W/"1"']:
        answer = client.get(where, headers=ann | {"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"1"'), known
    for other in set(FAILING) - {'W/"1"'}:
        assert client.get(where, headers=ann | {"If-None-Match": other}).status_code == 200, other
    for malformed in MALFORMED:
        assert client.get(where, headers=ann | {"If-None-Match": malformed}).status_code == 422, malformed
    assert client.get(f"{where[:-4]}0000", headers=ann | {"If-None-Match": "*"}).status_code == 404


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_that_expects_another_version_is_refused(client: TestClient, log_in: LogIn, method: str) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "x"}, headers=ann)

    def attempt(if_match: str, change: object = None) -> Response:
        body: dict[str, Any] = {"json": change} if method == "PATCH" else {}
        return client.request(method, made.headers["Location"], headers=ann | {"If-Match": if_match}, **body)

    for other in FAILING:
        for change in ({"title": "y"}, {}):
            answer = attempt(other, change)
            assert (answer.status_code, answer.json()["title"]) == (412, "Precondition Failed"), other
    for malformed in MALFORMED:
        answer = attempt(malformed, {"title": "y"})
        assert answer.status_code == 422, malformed
        assert [error["field"] for error in answer.json()["errors"]] == ["header.if-match"]
    assert client.get(made.headers["Location"], headers=ann).json() == made.json()


def test_a_change_that_expects_this_version_is_made(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    ways: list[tuple[str, dict[str, Any], int]] = [("PATCH", {"json": {"title": "y"}}, 200), ("DELETE", {}, 204)]
    for if_match, (method, body, status) in product(MATCHING, ways):
        where = client.post(TASKS, json={"title": "x"}, headers=ann).headers["Location"]
        version = client.get(where, headers=ann).headers["ETag"]
        condition = {"If-Match": if_match.replace('"1"', version)}
        assert client.request(method, where, headers=ann | condition, **body).status_code == status
    assert client.delete(where, headers=ann | {"If-Match": "*"}).status_code == 404


def test_of_changes_at_once_that_expect_the_same_version_one_is_made(
    client: TestClient, replica: TestClient, log_in: LogIn
) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "x"}, headers=ann)
    condition = ann | {"If-Match": made.headers["ETag"]}
    one_is_gone = client.post(TASKS, json={"title": "x"}, headers=ann)

    def change(number: int) -> Response:
        served_by = (client, replica)[number % 2]
        return served_by.patch(made.headers["Location"], json={"title": f"by {number}"}, headers=condition)

    def delete(number: int) -> int:
        served_by = (client, replica)[number % 2]
        return served_by.delete(one_is_gone.headers["Location"], headers=ann).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(change, range(8)))
        deletions = list(threads.map(delete, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + 7 * [412]
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert client.get(made.headers["Location"], headers=ann).json() == winner
    assert sorted(deletions) == [204] + 7 * [404]


def test_versions_of_changes_at_once_are_all_different(client: TestClient, replica: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    where = client.post(TASKS, json={"title": "x"}, headers=ann).headers["Location"]

    def change(number: int) -> int:
        served_by = (client, replica)[number % 2]
        version: int = (
            served_by.patch(where, json={"notes": str(number)}, headers=ann).raise_for_status().json()["version"]
        )
        return version

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(change, range(16))) == list(range(2, 18))
