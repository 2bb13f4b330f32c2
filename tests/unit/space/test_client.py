"""The Hub's answers become values, and ours become the requests that the Hub documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pathspec import GitIgnoreSpec

from deploy.errors import DeployError, HubUnreachable, SpaceNotFound, TokenRejected
from deploy.secret import Secret
from deploy.space.client import HubClient
from deploy.space.model import CommitRecord, Memory, Refs, RemoteEntry, Runtime, StoredSecret, StoredVariable
from deploy.space.operations import Delete, Restore, Write
from deploy.space.token import find_token
from tests.unit.space.hub_client import Answered, answered

API = "/api/spaces/owner/tasks"
SHA, PARENT = "a" * 40, "b" * 40
WHEN = "2026-11-22T20:15:30.000Z"
RUNTIME = {
    "stage": "BUILDING",
    "sha": SHA,
    "errorMessage": "why",
    "hardware": {"current": None, "requested": "t4-small"},
}
INFO = {
    "id": "owner/tasks",
    "sha": SHA,
    "sdk": "docker",
    "private": True,
    "host": "https://x.example",
    "runtime": RUNTIME,
}


class Hub:
    """Answers by `METHOD path`; everything else is 404."""

    def __init__(self) -> None:
        self.answers: dict[str, httpx2.Response] = {}

    def says(self, request: str, document: object = None, **headers: str) -> None:
        self.answers[request] = httpx2.Response(200, json=document, headers=headers)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        missing = httpx2.Response(404, json={"error": "nothing there"}, headers={"x-error-code": "RepoNotFound"})
        return self.answers.get(f"{request.method} {request.url.raw_path.decode()}", missing)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def test(hub: Hub) -> Iterator[Answered]:
    with answered(hub) as test:
        yield test


def sent(test: Answered) -> Any:
    """The document of the last request."""
    return json.loads(test.requests[-1].content)


def sent_rows(test: Answered) -> list[Any]:
    """The rows of the last request, which was a commit."""
    return [json.loads(line) for line in test.requests[-1].content.splitlines()]


# Looking -------------------------------------------------------------------------------------------------


def test_a_space_is_told_with_its_runtime(hub: Hub, test: Answered) -> None:
    hub.says(f"GET {API}", INFO)
    info = test.hub.info()
    assert info is not None
    assert (info.id, info.sha, info.sdk, info.host, info.private) == (
        "owner/tasks",
        SHA,
        "docker",
        "https://x.example",
        True,
    )
    assert info.runtime == Runtime(stage="BUILDING", sha=SHA, error_message="why", hardware="t4-small")


def test_a_missing_space_is_none(test: Answered) -> None:
    assert test.hub.info() is None


def test_a_space_that_was_never_built_has_no_app_file(hub: Hub, test: Answered) -> None:
    hub.says(f"GET {API}", {key: value for key, value in INFO.items() if key not in {"runtime", "host"}})
    info = test.hub.info()
    assert info is not None
    assert (info.runtime, info.host) == (Runtime(stage="NO_APP_FILE"), "")


@pytest.mark.parametrize(
    ("raw", "runtime"),
    [
        ({"stage": "RUNNING"}, Runtime(stage="RUNNING")),
        ({"stage": "A_NEW_STAGE", "hardware": None}, Runtime(stage="A_NEW_STAGE")),
        (
            {"stage": "RUNNING", "hardware": {"current": "cpu-basic", "requested": None}},
            Runtime(stage="RUNNING", hardware="cpu-basic"),
        ),
    ],
    ids=["least", "unknown", "current hardware"],
)
def test_a_runtime_may_tell_little(hub: Hub, test: Answered, raw: dict[str, object], runtime: Runtime) -> None:
    hub.says(f"GET {API}/runtime", raw)
    assert test.hub.runtime() == runtime


def test_files_folders_and_large_files_are_listed_over_all_pages(hub: Hub, test: Answered) -> None:
    second = f"https://hub.example{API}/tree/main?recursive=true&cursor=2"
    folder = {"type": "directory", "path": "app", "oid": "1" * 40, "size": 0}
    file = {"type": "file", "path": "app/main.py", "oid": "2" * 40, "size": 5}
    large = {
        "type": "file",
        "path": "m.bin",
        "oid": "3" * 40,
        "size": 9,
        "lfs": {"oid": "4" * 64, "size": 9, "pointerSize": 1},
    }
    for first in (f"GET {API}/tree/main?recursive=true&expand=false", f"GET {API}/tree/main?recursive=true"):
        hub.says(first, [folder, file], link=f'<{second}>; rel="next"')
    hub.says(f"GET {API}/tree/main?recursive=true&cursor=2", [large])
    assert test.hub.tree(recursive=True) == (
        RemoteEntry(path="app", kind="directory", oid="1" * 40, size=0),
        RemoteEntry(path="app/main.py", kind="file", oid="2" * 40, size=5),
        RemoteEntry(path="m.bin", kind="file", oid="3" * 40, size=9, lfs="4" * 64),
    )


def test_variables_and_secrets_are_told_with_description_and_date(hub: Hub, test: Answered) -> None:
    hub.says(f"GET {API}/variables", {"A": {"value": "1", "description": "d", "updatedAt": WHEN}, "B": {"value": ""}})
    hub.says(f"GET {API}/secrets", {"KEY": {"description": "d", "updatedAt": WHEN}, "OLD": {}})
    when = datetime(2026, 11, 22, 20, 15, 30, tzinfo=UTC)
    assert test.hub.variables() == {
        "A": StoredVariable(value="1", description="d"),
        "B": StoredVariable(value="", description=None),
    }
    assert test.hub.secrets() == {
        "KEY": StoredSecret(description="d", updated_at=when),
        "OLD": StoredSecret(description=None, updated_at=None),
    }


def test_commits_and_refs_are_told(hub: Hub, test: Answered) -> None:
    commit = {"id": SHA, "title": "t", "message": "m", "date": WHEN, "authors": [{"user": "alice"}]}
    hub.says(f"GET {API}/commits/main", [commit])
    branch = {"name": "main", "ref": "refs/heads/main", "targetCommit": SHA}
    tag = {"name": "good-1", "ref": "refs/tags/good-1", "targetCommit": SHA}
    hub.says(f"GET {API}/refs", {"branches": [branch], "converts": [], "tags": [tag]})
    when = datetime(2026, 11, 22, 20, 15, 30, tzinfo=UTC)
    assert test.hub.commits() == (CommitRecord(sha=SHA, title="t", message="m", date=when, authors=("alice",)),)
    assert test.hub.refs() == Refs(branches={"main": SHA}, tags={"good-1": SHA})


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("app/main.py", "app/main.py"),
        ("what?.txt", "what%3F.txt"),
        ("a#b c.txt", "a%23b%20c.txt"),
        ("100%41.txt", "100%2541.txt"),
        ("grüße.txt", "gr%C3%BC%C3%9Fe.txt"),
    ],
)
def test_any_file_is_read_by_its_name(hub: Hub, test: Answered, path: str, quoted: str) -> None:
    hub.answers[f"GET /spaces/owner/tasks/resolve/{SHA}/{quoted}"] = httpx2.Response(200, content=b"content")
    assert test.hub.read(path, SHA) == b"content"
    assert test.requests[-1].headers["authorization"] == "Bearer hf_token_of_test"


def test_a_file_elsewhere_is_followed_without_the_token(hub: Hub, test: Answered) -> None:
    far = "https://cdn.example/x"
    hub.answers[f"GET /spaces/owner/tasks/resolve/{SHA}/m.bin"] = httpx2.Response(302, headers={"location": far})
    hub.answers["GET /x"] = httpx2.Response(200, content=b"weights")
    assert test.hub.read("m.bin", SHA) == b"weights"
    assert str(test.requests[-1].url) == far
    assert "authorization" not in test.requests[-1].headers


@pytest.mark.parametrize("kind", ["build", "run"])
def test_a_log_is_read_line_by_line(hub: Hub, test: Answered, kind: str) -> None:
    chunks = ["first\nsec", "ond\n", "\nlast"]
    events = [json.dumps({"data": chunk, "timestamp": WHEN}) for chunk in chunks]
    hub.answers[f"GET {API}/logs/{kind}"] = httpx2.Response(200, text="".join(f"data: {each}\n\n" for each in events))
    assert list(test.hub.logs(kind)) == ["first", "second", "", "last"]


def test_a_log_that_cannot_be_had_is_an_error_of_ours() -> None:
    def cut(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with answered(cut) as test, pytest.raises(HubUnreachable):
        list(test.hub.logs("run"))


# Changing ------------------------------------------------------------------------------------------------


def test_a_space_is_created_with_all_in_one_request(hub: Hub, test: Answered) -> None:
    hub.says("POST /api/repos/create", {"url": "https://hub.example/spaces/owner/tasks"})
    test.hub.create(
        hardware="t4-small",
        visibility="private",
        variables={"A": ("1", "da")},
        secrets={"KEY": (Secret("swordfish"), "dk")},
    )
    assert len(test.requests) == 1
    assert sent(test) == {
        "type": "space",
        "name": "tasks",
        "organization": "owner",
        "sdk": "docker",
        "hardware": "t4-small",
        "visibility": "private",
        "variables": [{"key": "A", "value": "1", "description": "da"}],
        "secrets": [{"key": "KEY", "value": "swordfish", "description": "dk"}],
    }


def test_a_commit_holds_all_operations_on_top_of_its_parent(hub: Hub, test: Answered, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"2")
    rows = [{"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in ("a", "b")]
    hub.says(f"POST {API}/preupload/main", {"files": rows})
    hub.says(
        f"POST {API}/commit/main",
        {
            "success": True,
            "commitOid": SHA,
            "commitUrl": f"https://hub.example/spaces/owner/tasks/commit/{SHA}",
            "hookOutput": "",
        },
    )
    done = test.hub.commit(
        [Write(path="a", content=b"1"), Write(path="b", content=tmp_path / "b"), Delete(path="old/c")],
        title="Release",
        message="Facts",
        parent=PARENT,
    )
    assert done == SHA
    header, *operations = sent_rows(test)
    assert header == {
        "key": "header",
        "value": {"summary": "Release", "description": "Facts", "parentCommit": PARENT},
    }
    assert [(row["key"], row["value"]["path"]) for row in operations] == [
        ("file", "a"),
        ("file", "b"),
        ("deletedFile", "old/c"),
    ]
    assert [request.url.path for request in test.requests if request.url.path.endswith("/commit/main")] == [
        f"{API}/commit/main"
    ]


def test_a_gitignore_in_a_commit_keeps_nothing_back(hub: Hub, test: Answered) -> None:
    row = {"path": ".gitignore", "uploadMode": "regular", "shouldIgnore": False}
    hub.says(f"POST {API}/preupload/main", {"files": [row]})
    url = f"https://hub.example/spaces/owner/tasks/commit/{SHA}"
    hub.says(f"POST {API}/commit/main", {"success": True, "commitOid": SHA, "commitUrl": url, "hookOutput": ""})
    test.hub.commit([Write(path=".gitignore", content=b"*.db\n")], title="Release", message="", parent=PARENT)
    [asked] = [json.loads(request.content) for request in test.requests if "/preupload/" in request.url.path]
    assert not GitIgnoreSpec.from_lines(asked["gitIgnore"].splitlines()).match_file("app.db")
    assert asked["gitIgnore"].strip(), "the Hub takes an empty one for none, and reads that of the Space"


def test_a_large_file_is_restored_by_its_name_alone(hub: Hub, test: Answered) -> None:
    large = {
        "type": "file",
        "path": "m.bin",
        "oid": "3" * 40,
        "size": 9,
        "lfs": {"oid": "4" * 64, "size": 9, "pointerSize": 1},
    }
    hub.says(f"POST {API}/paths-info/{SHA}", [large])
    hub.says(f"POST {API}/paths-info/main", [])
    hub.says(
        f"POST {API}/commit/main",
        {
            "success": True,
            "commitOid": SHA,
            "commitUrl": f"https://hub.example/spaces/owner/tasks/commit/{SHA}",
            "hookOutput": "",
        },
    )
    test.hub.commit([Restore(path="m.bin", revision=SHA)], title="Back", message="", parent=PARENT)
    _, operation = sent_rows(test)
    assert operation["key"] == "lfsFile"
    assert (operation["value"]["path"], operation["value"]["oid"]) == ("m.bin", "4" * 64)


SETTINGS: dict[str, tuple[Callable[[HubClient], object], str, object]] = {
    "set variable": (
        lambda hub: hub.set_variable("A", "1", "d"),
        f"POST {API}/variables",
        {"key": "A", "value": "1", "description": "d"},
    ),
    "delete variable": (lambda hub: hub.delete_variable("A"), f"DELETE {API}/variables", {"key": "A"}),
    "set secret": (
        lambda hub: hub.set_secret("KEY", Secret("v"), "d"),
        f"POST {API}/secrets",
        {"key": "KEY", "value": "v", "description": "d"},
    ),
    "delete secret": (lambda hub: hub.delete_secret("KEY"), f"DELETE {API}/secrets", {"key": "KEY"}),
    "hardware": (lambda hub: hub.set_hardware("t4-small"), f"POST {API}/hardware", {"flavor": "t4-small"}),
    "visibility": (lambda hub: hub.set_visibility("private"), f"PUT {API}/settings", {"visibility": "private"}),
    "tag": (
        lambda hub: hub.create_tag("good-1", SHA, message="m"),
        f"POST {API}/tag/{SHA}",
        {"tag": "good-1", "message": "m"},
    ),
}


@pytest.mark.parametrize(("call", "request_line", "document"), SETTINGS.values(), ids=SETTINGS.keys())
def test_a_setting_is_one_request(
    hub: Hub, test: Answered, call: Callable[[HubClient], object], request_line: str, document: object
) -> None:
    hub.says(request_line, RUNTIME if "hardware" in request_line else {})
    call(test.hub)
    assert len(test.requests) == 1
    assert sent(test) == document


@pytest.mark.parametrize(("factory", "query"), [(False, ""), (True, "?factory=true")])
def test_a_restart_may_build_anew(hub: Hub, test: Answered, factory: bool, query: str) -> None:
    hub.says(f"POST {API}/restart{query}", RUNTIME)
    test.hub.restart(factory=factory)
    assert len(test.requests) == 1


def test_a_branch_that_is_gone_is_deleted(test: Answered) -> None:
    test.hub.delete_branch("lease")
    assert [(request.method, request.url.path) for request in test.requests] == [("DELETE", f"{API}/branch/lease")]


def test_a_tag_that_is_there_is_created(hub: Hub, test: Answered) -> None:
    hub.answers[f"POST {API}/tag/{SHA}"] = httpx2.Response(409, json={"error": "Tag reference exists already"})
    test.hub.create_tag("good-1", SHA)


def test_the_right_to_write_is_asked_for(hub: Hub, test: Answered) -> None:
    hub.says(f"GET {API}/auth-check/write")
    test.hub.check_write()
    assert test.hub.traffic.counts == {"GET /api/spaces/{id}/auth-check/write": 1}


# The token -----------------------------------------------------------------------------------------------


def test_a_given_token_is_used_without_the_end_of_its_line() -> None:
    assert find_token(Secret(" hf_abc\r\n"), "HF_TOKEN", {}) == Secret("hf_abc")


@pytest.mark.parametrize("token", ["hf_a\nhf_b", "hf_a b", "hf_…", "hf_ä", "hf_\x00"])
def test_what_cannot_be_a_token_is_refused_before_it_is_sent(token: str) -> None:
    with pytest.raises(TokenRejected, match="What STAGING_TOKEN holds is not a token") as caught:
        find_token(Secret(token), "STAGING_TOKEN", {})
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "own", "env", "used"),
    [
        ("hf_given", "hf_own", {}, "hf_given"),
        (None, "hf_own", {}, "hf_own"),
        (None, None, {}, "hf_ambient"),
        ("hf_given", "hf_own", {"HF_OIDC_RESOURCE": "spaces/owner/tasks"}, "hf_ambient"),
        ("hf_given", None, {"HF_OIDC_RESOURCE": ""}, "hf_given"),
    ],
)
def test_of_several_logins_the_first_is_used(
    monkeypatch: pytest.MonkeyPatch, given: str | None, own: str | None, env: dict[str, str], used: str
) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_ambient")
    tokens = [Secret(token) if token else None for token in (given, own)]
    assert find_token(tokens[0], "HF_TOKEN", env, own=tokens[1]) == Secret(used)


def test_without_a_token_anywhere_the_variable_to_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(TokenRejected, match="STAGING_TOKEN is not set"):
        find_token(None, "STAGING_TOKEN", {})


def test_a_client_that_is_logged_in_has_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_login")
    assert find_token(None, "STAGING_TOKEN", {}) == Secret("hf_login")


def test_the_token_does_not_show_itself(test: Answered) -> None:
    assert "hf_token" not in repr(test.hub.viewer_token)
    assert test.hub.page == "https://hub.example/spaces/owner/tasks"


# What its own client has no method for -------------------------------------------------------------------


def stream(*lines: str) -> httpx2.Response:
    return httpx2.Response(200, text="\n".join(lines) + "\n", headers={"content-type": "text/event-stream"})


def test_a_pass_is_asked_for_with_the_token_and_shows_itself_nowhere(hub: Hub, test: Answered) -> None:
    hub.says(f"GET {API}/jwt", {"token": "a.b.c"})
    given = test.hub.sign()
    assert (given.reveal(), str(given)) == ("a.b.c", "[REDACTED]")
    assert test.requests[-1].headers["authorization"] == "Bearer hf_token_of_test"


def test_a_hub_that_gives_no_pass_says_so(test: Answered) -> None:
    with pytest.raises(SpaceNotFound):
        test.hub.sign()


@pytest.mark.parametrize("document", [{}, [], {"token": None}, "x"])
def test_what_is_no_pass_is_not_taken_for_one(hub: Hub, test: Answered, document: object) -> None:
    hub.says(f"GET {API}/jwt", document)
    with pytest.raises(DeployError):
        test.hub.sign()


def test_the_first_metric_tells_the_memory(hub: Hub, test: Answered) -> None:
    metric = json.dumps({"memory_used_bytes": 96, "memory_total_bytes": 16_000, "replica": "x"})
    hub.answers[f"GET {API}/metrics"] = stream(": keep-alive", "", "event: metric", f"data: {metric}", "")
    assert test.hub.memory() == Memory(used=96, total=16_000)


@pytest.mark.parametrize(
    "answer",
    [
        stream(": keep-alive"),
        stream("data: {}"),
        stream("data: {not json"),
        httpx2.Response(406, json={"error": "No app of this Space runs"}),
        httpx2.Response(501, json={"error": "not told"}),
        httpx2.Response(404),
    ],
    ids=["silence", "nothing", "broken", "not running", "not told", "no such route"],
)
def test_no_memory_is_an_error_that_is_asked_for_once(answer: httpx2.Response, hub: Hub, test: Answered) -> None:
    hub.answers[f"GET {API}/metrics"] = answer
    with pytest.raises(DeployError):
        test.hub.memory()
    assert len(test.requests) == 1


def test_signs_of_life_without_a_metric_are_listened_to_for_ten_seconds_only(hub: Hub, test: Answered) -> None:
    hub.answers[f"GET {API}/metrics"] = stream(*[": keep-alive"] * 100)
    moments = iter(range(100))
    with pytest.raises(httpx2.ReadTimeout):
        test.hub._routes.memory(clock=lambda: next(moments))
    assert next(moments) < 20
