"""What the engine is asked for when a container is to be like one of a Space."""

from __future__ import annotations

from typing import Any

from deploy.image.container import ContainerRequest, ContainerState, creation_options
from deploy.secret import Secret

GIB = 1024**3


def options(*, cores: int = 8, machine_memory: int = 64 * GIB, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"image": "a:b", "port": 4711, "memory": 16 * GIB, "cpus": 2.0, **changes}
    return creation_options(ContainerRequest(**fields), cores=cores, machine_memory=machine_memory)


def test_it_is_uid_1000_without_rights_and_writes_where_the_image_lets_it() -> None:
    made = options()
    assert made["user"] == "1000:1000"
    assert (made["read_only"], made["tmpfs"]) == (False, {})
    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert made["pids_limit"] > 0
    assert made["restart_policy"] == {"Name": "no"}


def test_a_read_only_one_writes_and_executes_in_tmp() -> None:
    made = options(read_only=True)
    assert made["read_only"] is True
    assert "exec" in made["tmpfs"]["/tmp"].split(",")


def test_it_is_published_on_loopback_at_a_port_of_the_engines_choice() -> None:
    assert options()["ports"] == {"4711/tcp": ("127.0.0.1", None)}


def test_limits_are_those_of_the_request_without_swap() -> None:
    made = options()
    assert made["mem_limit"] == made["memswap_limit"] == 16 * GIB
    assert made["nano_cpus"] == 2_000_000_000


def test_a_smaller_machine_gives_what_it_has() -> None:
    made = options(cores=1, machine_memory=2 * GIB)
    assert made["mem_limit"] == 2 * GIB
    assert made["nano_cpus"] == 1_000_000_000


def test_secrets_reach_the_environment_and_are_known_as_secrets() -> None:
    request = ContainerRequest(
        image="a:b", port=1, memory=1, cpus=1.0, environment={"KEY": Secret("hunter2"), "LEVEL": "info"}
    )
    assert creation_options(request, cores=1, machine_memory=1)["environment"] == {"KEY": "hunter2", "LEVEL": "info"}
    assert request.secrets == (Secret("hunter2"),)
    assert "hunter2" not in repr(request)


def test_only_running_is_running() -> None:
    states = ("created", "running", "paused", "restarting", "exited", "dead", "removed")
    seen = [ContainerState(status=status, exit_code=0, oom_killed=False).running for status in states]
    assert [status for status, running in zip(states, seen, strict=True) if running] == ["running"]
