"""What a container's own accounting says, in both of the kernel's forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from deploy.localhub.runtime.containers import accounting
from deploy.localhub.runtime.model import Usage

NEW = {
    "/sys/fs/cgroup/memory.current": "9000000\n",
    "/sys/fs/cgroup/memory.stat": "anon 5000000\nfile 4000000\ninactive_file 3000000\n",
    "/sys/fs/cgroup/cpu.stat": "usage_usec 2500000\nuser_usec 1\nnr_throttled 0\n",
}
OLD = {
    "/sys/fs/cgroup/memory/memory.usage_in_bytes": "9000000\n",
    "/sys/fs/cgroup/memory/memory.stat": "cache 1\ninactive_file 1\ntotal_inactive_file 3000000\n",
    "/sys/fs/cgroup/cpuacct/cpuacct.usage": "2500000000\n",
}


def container(files: Mapping[str, str]) -> Callable[..., str | None]:
    def execute(program: str, *names: str) -> str | None:
        assert program == "cat"
        return "".join(files[name] for name in names) if set(names) <= files.keys() else None

    return execute


@pytest.mark.parametrize("files", [NEW, OLD], ids=["version 2", "version 1"])
def test_files_that_can_be_dropped_are_not_counted(files: Mapping[str, str]) -> None:
    assert accounting.usage(container(files)) == Usage(memory=6_000_000, cpu=2.5)


def test_where_there_is_none_nothing_is_made_up() -> None:
    assert accounting.usage(container({})) is None
