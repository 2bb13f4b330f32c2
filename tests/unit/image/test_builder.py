"""The command line of a build."""

from __future__ import annotations

from pathlib import Path

from deploy.command import Command
from deploy.image.builder import BuildRequest, build_command
from deploy.secret import Secret


def command(**changes: object) -> Command:
    fields: dict[str, object] = {"context": Path("/staged"), "tag": "a:b", "timeout": 60.0, **changes}
    request = BuildRequest(**fields)  # type: ignore[arg-type]
    env = {"PATH": "/bin", "HOME": "/home/me"}
    return build_command(request, client=Path("/bin/docker"), id_file=Path("/tmp/id"), env=env)


def test_variables_are_build_args_as_they_are() -> None:
    argv = command(build_args={"B": "two words = $x", "A": ""}).argv
    assert argv[argv.index("A=") - 1] == "--build-arg"
    assert "B=two words = $x" in argv


def test_a_secret_travels_in_the_environment_and_never_in_argv() -> None:
    made = command(secrets={"TOKEN": Secret("hunter2hunter2")})
    carrier = next(word for word in made.argv if word.startswith("id=TOKEN,env=")).partition("env=")[2]
    assert made.env is not None
    assert made.env[carrier] == Secret("hunter2hunter2")
    assert not any("hunter2" in word for word in made.argv)


def test_a_secret_called_like_a_setting_of_the_client_does_not_change_it() -> None:
    made = command(secrets={"PATH": Secret("/evil"), "DOCKER_HOST": Secret("tcp://elsewhere")})
    assert made.env is not None
    assert made.env["PATH"] == "/bin"
    assert "DOCKER_HOST" not in made.env


def test_buildkit_plain_progress_labels_and_the_context_last() -> None:
    made = command(labels={"one": "1"})
    assert made.env is not None
    assert made.env["DOCKER_BUILDKIT"] == "1"
    assert "--progress=plain" in made.argv
    assert made.argv[-3:] == ("--label", "one=1", "/staged")
    assert made.timeout == 60.0


def test_a_fresh_build_takes_nothing_from_the_cache() -> None:
    assert "--no-cache" in command(fresh=True).argv
    assert "--no-cache" not in command().argv


def test_a_context_without_dockerfile_has_empty_text(tmp_path: Path) -> None:
    request = BuildRequest(context=tmp_path, tag="a:b", timeout=1.0)
    assert request.dockerfile == ""
    (tmp_path / "Dockerfile").write_bytes(b"FROM a\n# \xff\n")
    assert request.dockerfile.startswith("FROM a")
