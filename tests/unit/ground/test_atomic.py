"""A file is written whole or not at all, and by default for its owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from deploy.atomic import replacing, write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_text_is_for_its_owner_and_so_is_the_folder_made_for_it(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "kept/here/a.json", "an ü and a lone \ud800\n")
    assert path.read_text(encoding="utf-8") == "an ü and a lone ?\n"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [entry.name for entry in path.parent.iterdir()] == ["a.json"]


def test_a_private_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch(mode=0o666)
    assert mode(write_whole(path, "new")) == 0o600


def test_a_public_file_is_readable_and_keeps_the_mode_it_had(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a", "old", private=False)
    assert mode(path) == 0o644
    path.chmod(0o664)
    assert mode(write_whole(path, "new", private=False)) == 0o664
    assert path.read_text(encoding="utf-8") == "new"


def test_readers_see_the_old_content_until_the_new_is_whole(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a", "old")
    with replacing(path) as file:
        file.write(b"half of the n")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"half of the n"


def test_what_cannot_be_finished_leaves_the_old_content_and_nothing_beside_it(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a", "old")
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"half of the n", None])  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_what_cannot_be_put_in_place_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="a'"):
        write_whole(tmp_path / "a", "text")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_what_must_outlast_a_power_cut_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "a", list[tuple[int, bool]]()
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append((os.fstat(descriptor).st_size, path.exists())))
    write_whole(path, "text")
    assert synced == []
    write_whole(tmp_path / "a", "other text", fsync=True)
    assert synced == [(10, True)]
    assert path.read_text(encoding="utf-8") == "other text"
