"""From what a Dockerfile starts to a command and an environment of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.dockerfile import Stage, parse
from deploy.localhub.runtime.programs.launch import Place, command, environment

CHECKOUT = Path("/somewhere/checkout")
PROGRAMS = Path("/somewhere/venv/bin")
PLACE = Place(checkout=CHECKOUT, programs=PROGRAMS, scratch=Path("/somewhere/scratch"), port=4321, app_port=7860)


def stage(*lines: str) -> Stage:
    return parse("\n".join(["FROM python:3.13-slim", *lines])).final


def argv(*lines: str, place: Place = PLACE) -> tuple[str, ...]:
    final = stage(*lines)
    assert final.start
    return command(final.start, final.workdir, place)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]', "uvicorn main:app --host 127.0.0.1"),
        (
            'CMD ["uvicorn", "main:app", "--host=0.0.0.0", "--port=7860"]',
            "uvicorn main:app --host=127.0.0.1 --port=4321",
        ),
        ('CMD ["uvicorn", "main:app", "--port", "7860"]', "uvicorn main:app --port 4321"),
        ('CMD ["uvicorn", "main:app", "--port", "8000"]', "uvicorn main:app --port 8000"),
        ('CMD ["gunicorn", "-b", "0.0.0.0:7860", "main:app"]', "gunicorn -b 127.0.0.1:4321 main:app"),
        ('CMD ["hypercorn", "--bind", "[::]:7860", "main:app"]', "hypercorn --bind 127.0.0.1:4321 main:app"),
        ('CMD ["uvicorn", "main:app", "--host", "::"]', "uvicorn main:app --host 127.0.0.1"),
        ('CMD ["serve", "http://127.0.0.1:7860/x", "17860"]', "serve http://127.0.0.1:7860/x 17860"),
        ('CMD ["serve", "--trust", "0.0.0.0/0"]', "serve --trust 0.0.0.0/0"),
        ('CMD ["python", "main.py"]', "/somewhere/venv/bin/python main.py"),
        ('CMD ["python3.13", "main.py"]', "/somewhere/venv/bin/python main.py"),
        ('CMD ["/opt/venv/bin/python", "main.py"]', "/somewhere/venv/bin/python main.py"),
        ('CMD ["/opt/venv/bin/uvicorn", "main:app"]', "uvicorn main:app"),
        ('ENTRYPOINT ["/usr/bin/tini", "--"]\nCMD ["/opt/no/bin/serve", "x"]', "serve x"),
        ('ENTRYPOINT ["dumb-init"]\nCMD ["python", "x.py"]', "/somewhere/venv/bin/python x.py"),
        ('WORKDIR /app\nCMD ["python", "/app/main.py"]', "/somewhere/venv/bin/python /somewhere/checkout/main.py"),
        ('WORKDIR /app\nCMD ["serve", "--dir=/app", "/apple"]', "serve --dir=/somewhere/checkout /apple"),
        ('WORKDIR /\nCMD ["serve", "/etc/x"]', "serve /etc/x"),
    ],
)
def test_exec_form(line: str, expected: str) -> None:
    assert " ".join(argv(line)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("uvicorn main:app --host 0.0.0.0 --port 7860", "uvicorn main:app --host 127.0.0.1 --port 4321"),
        ("uvicorn main:app --port ${PORT:-7860}", "uvicorn main:app --port ${PORT:-7860}"),
        ("exec /opt/venv/bin/uvicorn a:b && echo 7860; x", "exec uvicorn a:b && echo 4321; x"),
    ],
)
def test_shell_lines_stay_with_their_shell(line: str, expected: str) -> None:
    assert argv(f"CMD {line}") == ("/bin/sh", "-c", expected)
    assert argv(f'CMD ["sh", "-c", "{line}"]') == ("sh", "-c", expected)


def test_programs_of_the_checkout_are_found_there(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "start").touch()
    here = Place(checkout=tmp_path, programs=PROGRAMS, scratch=tmp_path, port=1, app_port=7860)
    assert argv('WORKDIR /app\nCMD ["/app/bin/start"]', place=here) == (f"{tmp_path}/bin/start",)


def test_the_environment_is_this_machines_then_the_images_then_the_spaces_then_ours() -> None:
    final = stage(
        "ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv HOME=/home/user PORT=7860",
        "ENV LANG=C.UTF-8 MODE=image DATABASE_URL=sqlite:////data/x.db ROOT_PATH=/api",
        "WORKDIR /app",
        "ENV PYTHONPATH=/app:/app/src HOST=0.0.0.0",
    )
    found = environment(final, {"PATH": "/venv:/usr/bin", "LANG": "de"}, {"MODE": "space", "BIND": "0.0.0.0"}, PLACE)
    assert found == {
        "PATH": "/venv:/usr/bin",
        "HOME": "/somewhere/scratch/home",
        "TMPDIR": "/somewhere/scratch/tmp",
        "PORT": "4321",
        "LANG": "C.UTF-8",
        "MODE": "space",
        "DATABASE_URL": "sqlite:////data/x.db",
        "ROOT_PATH": "/api",
        "PYTHONPATH": "/somewhere/checkout:/somewhere/checkout/src",
        "HOST": "127.0.0.1",
        "BIND": "127.0.0.1",
    }
