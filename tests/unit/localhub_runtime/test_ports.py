"""Stable ports for Spaces."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from deploy.localhub.runtime.ports import free_port, listen


def test_a_space_gets_the_same_port_again(tmp_path: Path) -> None:
    with closing(listen(tmp_path, "a/b", None)) as first:
        port = first.getsockname()[1]
    with closing(listen(tmp_path, "a/b", None)) as again:
        assert again.getsockname()[1] == port
    assert 20_000 <= port < 28_000


def test_a_port_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    with closing(listen(tmp_path, "a/b", None)) as first, closing(listen(tmp_path, "a/b", None)) as second:
        assert first.getsockname() != second.getsockname()


def test_a_remembered_port_comes_first(tmp_path: Path) -> None:
    port = free_port()
    with closing(listen(tmp_path, "a/b", port)) as found:
        assert found.getsockname() == ("127.0.0.1", port)
