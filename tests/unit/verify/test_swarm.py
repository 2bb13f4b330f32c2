"""What Locust is asked for, and what is read from its words."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.config import LoadConfig
from deploy.errors import CommandFailed
from deploy.verify import swarm
from deploy.verify.swarm import MODELS, Measured
from tests.real.processes import free_port
from tests.unit.verify.subjects import scenario

EVEN = Measured(name="list", requests=100, failures=0, times=dict.fromkeys(range(1, 101), 1))


@pytest.mark.parametrize(("share", "milliseconds"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_the_time_within_which_that_share_was_answered(share: float, milliseconds: float) -> None:
    assert EVEN.percentile(share) == milliseconds


def test_without_requests_there_is_no_percentile() -> None:
    assert Measured(name="list", requests=0, failures=0, times={}).percentile(0.99) == 0.0


def figures(*entries: dict[str, object]) -> str:
    return json.dumps({"figures": entries})


def test_words_around_the_figures_do_not_matter() -> None:
    entry = {"name": "list", "num_requests": 3, "num_failures": 1, "response_times": {"12.0": 2, "30": 1}}
    output = f"Starting\n[]\n{figures(entry)}\n[]\nbye\n"
    assert swarm._read(output) == [Measured(name="list", requests=3, failures=1, times={12: 2, 30: 1})]


@pytest.mark.parametrize("output", ["", "Traceback\n", "[]", '{"figures": '])
def test_no_figures_are_no_success(output: str) -> None:
    with pytest.raises(CommandFailed, match="no figures"):
        swarm._read(output)


@pytest.fixture
def load(tmp_path: Path) -> LoadConfig:
    """That listens to other machines."""
    return scenario(tmp_path, f'[load]\nlisten = "127.0.0.2:{free_port()}"').load


def listening(load: LoadConfig, model: swarm.Model) -> dict[str, str]:
    """The options with a value that Locust gets."""
    options = swarm._master(load, model, 30.0)
    return {name: value for name, value in pairwise(options) if name.startswith("--")}


def test_one_process_listens_nowhere(load: LoadConfig) -> None:
    assert swarm._master(load, "closed", 30.0) == ()


@pytest.mark.parametrize("model", MODELS)
def test_processes_of_this_machine_meet_on_loopback(load: LoadConfig, model: swarm.Model) -> None:
    options = listening(replace(load, processes=3), model)
    assert (options["--master-bind-host"], options["--master-host"]) == ("127.0.0.1", "127.0.0.1")
    assert options["--master-bind-port"] == options["--master-port"] == str(load.listen.port + MODELS.index(model))
    assert options["--processes"] == "3"


def test_other_machines_are_awaited_with_all_their_processes(load: LoadConfig) -> None:
    options = listening(replace(load, machines=2, processes=3), "open")
    assert "--master" in options
    assert (options["--master-bind-host"], options["--master-bind-port"]) == ("127.0.0.2", str(load.listen.port + 1))
    assert (options["--expect-workers"], options["--expect-workers-max-wait"]) == ("6", "30")
    assert "--processes" not in options
