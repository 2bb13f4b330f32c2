"""What is built, and when a Space restarts: with a supervisor that only writes down what it is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dulwich.objects import Blob, Commit

from deploy.localhub.git import committing, repository
from deploy.localhub.git.operations import CommitRequest
from deploy.localhub.hub import Hub
from deploy.localhub.spaces import Blocked, Space
from tests.unit.localhub.recorder import Recorder

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CARD = b"---\nsdk: docker\napp_port: 8080\n---\n"
ID = "local/app"


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def hub(tmp_path: Path, recorder: Recorder) -> Iterator[Hub]:
    hub = Hub(tmp_path, lambda _home, _on_change: recorder, time=lambda: NOW)
    hub.add_space(Space(id=ID, key="0" * 24, sdk="docker", creator="local", created="2026-11-22T00:00:00.000Z"))
    yield hub
    hub.close()


def push(hub: Hub, **files: bytes) -> str:
    return push_to(hub, ID, files)


def push_to(hub: Hub, space_id: str, files: dict[str, bytes]) -> str:
    with hub.repository(space_id).open() as repo:
        request = CommitRequest(summary="x", regular={name.replace("__", "."): data for name, data in files.items()})
        parent = repository.head(repo)
        made = committing.commit(repo, repository.MAIN, request, author="local", at=NOW, parent=parent)
    hub.publisher.publish(space_id)
    return made.id.decode()


def land(hub: Hub, name: bytes, mode: int, content: bytes, space: str = ID) -> str:
    """A commit on main with one file more, past everything that would refuse it."""
    with hub.repository(space).writing() as repo:
        head = repository.head(repo)
        assert head is not None
        tree, blob = repository.tree_of(repo, head), Blob.from_string(content)
        tree[name] = (mode, blob.id)
        made = Commit()
        made.tree, made.parents, made.message, made.author = tree.id, [head.id], b"by force", head.author
        made.committer, made.author_time, made.commit_time = head.author, head.author_time, head.commit_time
        made.author_timezone = made.commit_timezone = 0
        committing.store(repo, [blob, tree, made])
        committing.move(repo, repository.MAIN, made, expected=head)
    return made.id.decode()


def blocked(hub: Hub, space_id: str = ID) -> str | None:
    space = hub.spaces.get(space_id)
    assert space is not None
    return space.blocked.stage if space.blocked else None


def test_a_dockerfile_and_a_card_are_built_with_what_the_card_says(hub: Hub, recorder: Recorder) -> None:
    made = push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    build = recorder.builds[0]
    assert (recorder.told, build.commit, build.app_port, build.private) == (["deploy"], made, 8080, False)
    assert sorted(path.name for path in build.folder.iterdir()) == [".gitattributes", "Dockerfile", "README.md"]
    assert build.environment["SPACE_HOST"] == "127.0.0.1:1"


@pytest.mark.parametrize(
    ("files", "stage"),
    [
        ({"Dockerfile": b"FROM scratch\n"}, "CONFIG_ERROR"),
        ({"README__md": b"no front matter\n", "Dockerfile": b"FROM scratch\n"}, "CONFIG_ERROR"),
        ({"README__md": b"---\nsdk: [\n---\n", "Dockerfile": b"FROM scratch\n"}, "CONFIG_ERROR"),
        ({"README__md": b"---\nsdk: gradio\n---\n", "Dockerfile": b"FROM scratch\n"}, "CONFIG_ERROR"),
        ({"README__md": CARD, "docker/Dockerfile": b"FROM scratch\n"}, "NO_APP_FILE"),
    ],
)
def test_what_cannot_be_built_is_not_tried(hub: Hub, recorder: Recorder, files: dict[str, bytes], stage: str) -> None:
    push(hub, **files)
    assert (blocked(hub), recorder.told) == (stage, [])


def test_going_back_from_what_cannot_be_built_builds_again(hub: Hub, recorder: Recorder) -> None:
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    push(hub, README__md=b"nothing\n")
    assert (blocked(hub), recorder.told) == ("CONFIG_ERROR", ["deploy"])
    push(hub, README__md=CARD)
    assert (blocked(hub), recorder.told) == (None, ["deploy", "deploy"])


def test_the_same_commit_is_built_once(hub: Hub, recorder: Recorder) -> None:
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    hub.publisher.publish(ID)
    assert recorder.told == ["deploy"]


def test_settings_of_what_was_never_built_restart_nothing(hub: Hub, recorder: Recorder) -> None:
    hub.publisher.settings_changed(ID)
    assert recorder.told == []


def test_changes_during_a_restart_are_one_more_restart(hub: Hub, recorder: Recorder) -> None:
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    for stage in ("RUNNING", "RUNNING_APP_STARTING", "RUNNING_APP_STARTING", "BUILDING"):
        recorder.stage = stage
        hub.publisher.settings_changed(ID)
    assert recorder.told == ["deploy", "restart"]
    recorder.stage = "RUNNING"
    hub.publisher.noticed(ID, recorder.state())
    hub.publisher.noticed(ID, recorder.state())
    hub.close()
    assert recorder.told == ["deploy", "restart", "restart", "close"]


def test_a_commit_takes_what_was_changed_with_it(hub: Hub, recorder: Recorder) -> None:
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    recorder.stage = "RUNNING_BUILDING"
    hub.publisher.settings_changed(ID)
    push(hub, more__txt=b"x")
    recorder.stage = "RUNNING"
    hub.publisher.noticed(ID, recorder.state())
    hub.close()
    assert recorder.told == ["deploy", "deploy", "close"]


def test_a_paused_space_is_left_alone_until_its_restart(hub: Hub, recorder: Recorder) -> None:
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    hub.publisher.pause(ID)
    hub.publisher.settings_changed(ID)
    made = push(hub, more__txt=b"x")
    assert recorder.told == ["deploy", "pause"]
    hub.publisher.restart(ID, factory=True)
    assert (recorder.told[-1], recorder.builds[-1].commit) == ("factory", made)


def test_after_a_start_what_was_built_is_served_again(hub: Hub, recorder: Recorder, tmp_path: Path) -> None:
    made = push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    left = recorder.builds[0].folder
    again = Recorder()
    Hub(tmp_path, lambda _home, _on_change: again, time=lambda: NOW).close()
    assert (again.told, again.builds[0].commit) == (["resume", "close"], made)
    assert not left.exists()


# What cannot be checked out ------------------------------------------------------------------------------

IMPOSSIBLE = [(b"n" * 256, 0o100644, b"x"), (b"link", 0o120000, b""), (b"..", 0o100644, b"x")]


@pytest.mark.parametrize(("name", "mode", "content"), IMPOSSIBLE)
def test_a_commit_that_cannot_be_checked_out_is_a_build_error_until_the_next(
    hub: Hub, recorder: Recorder, name: bytes, mode: int, content: bytes
) -> None:
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    made = land(hub, name, mode, content)
    hub.publisher.publish(ID)
    space = hub.spaces.get(ID)
    assert space is not None
    assert space.blocked is not None
    assert (space.blocked.stage, space.blocked.commit) == ("BUILD_ERROR", made)
    assert space.blocked.message.startswith("The commit cannot be checked out: ")
    assert (recorder.told, space.deployed) == (["deploy"], recorder.builds[0].commit)
    hub.publisher.restart(ID)
    assert (blocked(hub), recorder.told) == ("BUILD_ERROR", ["deploy"])


def test_a_file_system_that_refuses_a_file_is_told_with_its_words(hub: Hub, recorder: Recorder) -> None:
    """The folders above a checkout are part of the longest path, and a Hub's home may be anywhere."""
    deep = "/".join(["d" * 250] * 16)
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n", **{f"{deep}/f": b"x"})
    space = hub.spaces.get(ID)
    assert space is not None
    assert space.blocked is not None
    assert space.blocked.stage == "BUILD_ERROR"
    assert "File name too long" in space.blocked.message
    assert (recorder.told, list(hub.spaces.folder(ID).glob("checkouts/*"))) == ([], [])


def test_a_space_that_cannot_be_served_again_keeps_no_other_from_it(hub: Hub, tmp_path: Path) -> None:
    """As homes hold it from before such commits were refused: what is deployed cannot be checked out."""
    other = "local/other"
    hub.add_space(Space(id=other, key="1" * 24, sdk="docker", creator="local", created="2026-11-22T00:00:00.000Z"))
    good = {one: push_to(hub, one, {"README.md": CARD, "Dockerfile": b"FROM scratch\n"}) for one in (ID, other)}
    made = land(hub, b"link", 0o120000, b"")
    hub.spaces.change(ID, lambda space: replace(space, deployed=made))
    again = Recorder()
    started = Hub(tmp_path, lambda _home, _on_change: again, time=lambda: NOW)
    assert ([build.space_id for build in again.builds], again.builds[0].commit) == ([other], good[other])
    assert (blocked(started), blocked(started, other)) == ("BUILD_ERROR", None)
    started.close()

    # What kept it from being served may pass, as a full disk does.
    passed = Blocked(stage="BUILD_ERROR", commit=good[ID], message="no space left")
    started.spaces.change(ID, lambda space: replace(space, deployed=good[ID], blocked=passed))
    after = Hub(tmp_path, lambda _home, _on_change: again, time=lambda: NOW)
    assert (blocked(after), again.builds[1].space_id) == (None, ID)
    after.close()


def test_a_repository_that_is_gone_is_its_spaces_trouble(hub: Hub, tmp_path: Path) -> None:
    push(hub, README__md=CARD, Dockerfile=b"FROM scratch\n")
    shutil.rmtree(hub.repository(ID).path)
    started = Hub(tmp_path, lambda _home, _on_change: Recorder(), time=lambda: NOW)
    assert blocked(started) == "BUILD_ERROR"
    started.close()
