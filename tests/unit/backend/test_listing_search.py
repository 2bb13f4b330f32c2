"""Full-text search: one table of cases, which SQLite and PostgreSQL have to answer alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.data.words import MAX_SORT_KEY, MAX_WORD, sort_key, words_of

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]

GIVEN = {
    "invoice": {
        "title": "Pay the Invoice",
        "notes": "no. 2026-117, by e-mail to office@example.org",
        "tags": ["Bills"],
    },
    "cafe": {"title": "Café crème", "notes": "don't forget the STRASSE; naïve re\u0301sume\u0301", "tags": ["to do"]},
    "code": {"title": "C++ and snake_case", "notes": 'a*b OR c:d NEAR(x) "quoted" {set} ^caret v1.5e3', "tags": []},
    "world": {"title": "Привет мир", "notes": "会議の資料 ΣΊΣΥΦΟΣ", "tags": ["élan vital"]},
    "long": {"title": "x" * 200, "notes": "word " * 2_000, "tags": []},
}

CASES: dict[str, set[str]] = {
    "invoice": {"invoice"},
    "INVOICE pay": {"invoice"},
    "inv": {"invoice"},
    "nvoice": set(),
    "invoice nothing": set(),
    "bill": {"invoice"},
    "bills the": {"invoice"},
    "the": {"invoice", "cafe"},
    "2026-117": {"invoice"},
    "117": {"invoice"},
    "e-mail": {"invoice"},
    "mail e": {"invoice"},
    "office@example.org": {"invoice"},
    "example": {"invoice"},
    "cafe CREME": {"cafe"},
    "café": {"cafe"},
    "cafe\u0301": {"cafe"},
    "straße": {"cafe"},
    "resume": {"cafe"},
    "NAÏVE": {"cafe"},
    "don't": {"cafe"},
    "to do": {"cafe"},
    "c++": {"cafe", "code"},
    "snake": {"code"},
    "case": {"code"},
    "snake_case": {"code"},
    "a*b": {"code"},
    "a OR zzz": set(),
    "c:d": {"cafe", "code"},
    "near(x)": {"code"},
    '"quoted"': {"code"},
    '"quoted and"': {"code"},
    "and quoted": {"code"},
    "{set} : caret": {"code"},
    "^caret": {"code"},
    "v1.5e3": {"code"},
    "5e3": {"code"},
    "NOT code": set(),
    "-invoice": {"invoice"},
    "invoice & !pay | ()": {"invoice"},
    "привет": {"world"},
    "МИР": {"world"},
    "会議": {"world"},
    "资料": set(),
    "σίσυφος": {"world"},
    "elan": {"world"},
    "x" * 101: {"long"},
    "x" * 200: {"long"},
    "words": set(),
    "owner_id": set(),
    "'; DROP TABLE tasks; --": set(),
    "\\": set(),
    "%": set(),
    "*": set(),
    "''": set(),
    '"': set(),
    "👍": set(),
    " ": set(),
    "\u0301": set(),
    "a\ud7ffb": {"code"},
}


def test_the_same_is_found_everywhere(client: TestClient, log_in: LogIn) -> None:
    ann, bob = log_in("ann"), log_in("bob")
    ids = {}
    for name, task in GIVEN.items():
        ids[client.post(TASKS, json=task, headers=ann).raise_for_status().json()["id"]] = name
        client.post(TASKS, json=task, headers=bob).raise_for_status()
    for query, expected in CASES.items():
        answer = client.get(TASKS, params={"q": query}, headers=ann)
        assert answer.status_code == 200, query
        assert {ids[task["id"]] for task in answer.json()["items"]} == expected, query


def test_what_is_found_follows_every_change(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")

    def found(query: str) -> list[str]:
        items = client.get(TASKS, params={"q": query, "sort": "created"}, headers=ann).json()["items"]
        return [task["title"] for task in items]

    first = client.post(TASKS, json={"title": "alpha", "notes": "beta", "tags": ["gamma"]}, headers=ann)
    client.post(TASKS, json={"title": "alpine"}, headers=ann)
    where = first.headers["Location"]
    assert found("al") == ["alpha", "alpine"]
    client.patch(where, json={"title": "delta"}, headers=ann)
    assert (found("al"), found("delta beta gamma")) == (["alpine"], ["delta"])
    client.patch(where, json={"notes": ""}, headers=ann)
    client.patch(where, json={"tags": ["omega"]}, headers=ann)
    assert (found("beta"), found("gamma"), found("delta omega")) == ([], [], ["delta"])
    client.patch(where, json={"status": "done"}, headers=ann)
    assert found("delta") == ["delta"]
    client.delete(where, headers=ann)
    assert found("delta") == []


def test_nothing_stays_in_the_index_of_tasks_that_are_gone(
    client: TestClient, log_in: LogIn, engine: Engine, password: str
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its index by itself")
    ann = log_in("ann")

    def indexed() -> list[str]:
        with engine.connect() as connection:
            return list(connection.scalars(text("SELECT task_id FROM task_words")))

    first, second = (client.post(TASKS, json={"title": "x"}, headers=ann).json()["id"] for _ in range(2))
    client.patch(f"{TASKS}/{second}", json={"title": "y"}, headers=ann)
    client.delete(f"{TASKS}/{first}", headers=ann)
    assert indexed() == [second.replace("-", "")]
    client.post("/api/v1/auth/me/delete", json={"password": password}, headers=ann).raise_for_status()
    assert indexed() == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", []),
        ("One two, ONE", ["one", "two"]),
        ("snake_case it's", ["snake", "case", "it", "s"]),
        ("Ünïcödé ﬁne №5", ["unicode", "fine", "no5"]),
        ("a\u0301b", ["ab"]),
        ("x" * (MAX_WORD + 1), ["x" * MAX_WORD]),
        ("--", []),
        ("हिन्दी में, ภาษาไทย", ["हिन्दी", "में", "ภาษาไทย"]),
    ],
)
def test_words_are_runs_of_letters_and_digits(given: str, words: list[str]) -> None:
    assert words_of([given]) == words
    assert words_of([given, given]) == words


def test_titles_sort_without_case_and_accents() -> None:
    groups = [
        ["", "\u0301"],
        [" "],
        ["1", "\u00b9"],
        ["a", "A", "á", "a\u0301"],
        ["ab", "Áb"],
        ["B"],
        ["straße", "STRASSE"],
    ]
    assert [len({sort_key(title) for title in group}) for group in groups] == [1] * len(groups)
    keys = [sort_key(group[0]) for group in groups]
    assert keys == sorted(set(keys))
    assert len(sort_key("ﷺ" * 200)) == MAX_SORT_KEY
