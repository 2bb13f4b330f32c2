"""T001 and T002: the specification, the Dockerfile, the card, and files that arrive as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.unit.source.backends import APP, CARD, CMD_LINE, Fault, backend, dockerfile, main, starting, without
from tests.unit.source.conftest import Make, said

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
SCRIPT = "exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}\n"

STAYING = "uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}\n"

FAULTS: Mapping[str, Fault] = {
    "no Dockerfile": Fault(without("Dockerfile"), "T002", "dockerfile-missing", ""),
    "Dockerfile that does not parse": Fault(
        backend({"Dockerfile": "FROM python:3.13-slim\nCOPPY . .\n"}),
        "T002",
        "dockerfile-syntax",
        "backend/Dockerfile:2",
    ),
    "COPY of nothing": Fault(
        backend({"Dockerfile": dockerfile(middle="COPY model.bin /app/\n")}), "T002", "copy-missing", CMD_LINE
    ),
    "COPY of what .dockerignore hides": Fault(
        backend({"Dockerfile": dockerfile(middle="COPY notes.md .\n"), "notes.md": "", ".dockerignore": "*.md\n"}),
        "T002",
        "copy-missing",
        CMD_LINE,
    ),
    "module that .dockerignore hides": Fault(
        backend(
            {
                "main.py": f"import sys\nimport prices\n{APP}",
                "prices.py": "",
                ".dockerignore": "*\n!main.py\n!requirements.txt\n",
            }
        ),
        "T002",
        "module-kept-out",
        "backend/main.py:2",
    ),
    "package that .dockerignore hides": Fault(
        backend(
            {
                "main.py": f"from prices.today import rate\n{APP}",
                "prices/__init__.py": "",
                "prices/today.py": "rate = 1\n",
                ".dockerignore": "prices\n",
            }
        ),
        "T002",
        "module-kept-out",
        "backend/main.py:1",
    ),
    "module beside another entry that .dockerignore hides": Fault(
        {path: text for path, text in backend().items() if path != "main.py"}
        | {
            "Dockerfile": dockerfile("CMD exec uvicorn main:app --app-dir src --host 0.0.0.0 --port ${PORT:-7860}\n"),
            "src/main.py": f"import prices\n{APP}",
            "src/prices.py": "",
            ".dockerignore": "src/prices.py\n",
        },
        "T002",
        "module-kept-out",
        "backend/src/main.py:1",
    ),
    "lock that .dockerignore hides": Fault(
        backend(
            {
                "Dockerfile": dockerfile(middle="RUN uv sync --frozen --inexact\n"),
                "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n',
                "uv.lock": "version = 1\n",
                ".dockerignore": "docs\nuv.lock\n",
            }
        ),
        "T002",
        "lock-kept-out",
        CMD_LINE,
    ),
    "shell before the server": Fault(
        starting("cd /app && uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}"),
        "T002",
        "shell-stays",
        CMD_LINE,
        "warning",
    ),
    "shell before a script": Fault(
        starting("sh boot.sh", {"boot.sh": f"exec {STAYING}"}), "T002", "shell-stays", CMD_LINE, "warning"
    ),
    "script before the server": Fault(
        backend({"Dockerfile": dockerfile('CMD ["bash", "boot.sh"]\n'), "boot.sh": "echo hello\n" + STAYING}),
        "T002",
        "shell-stays",
        "backend/boot.sh:2",
        "warning",
    ),
    "no CMD": Fault(backend({"Dockerfile": dockerfile("")}), "T002", "start-missing", "backend/Dockerfile:1"),
    "no card": Fault(without("README.md"), "T002", "card-missing", ""),
    "README without front matter": Fault(backend({"README.md": "# Tasks\n"}), "T002", "card", "backend/README.md:1"),
    "value the Hub refuses": Fault(
        backend({"README.md": CARD.replace("colorTo: blue", "colorTo: cyan")}), "T002", "card", "backend/README.md:5"
    ),
    "value without effect": Fault(
        backend({"README.md": CARD.replace("app_port", "app_file: main.py\napp_port")}),
        "T002",
        "card",
        "backend/README.md:7",
        "warning",
    ),
    "sdk of another kind": Fault(
        backend({"README.md": "---\nsdk: static\n---\n"}), "T002", "card-sdk", "backend/README.md:2"
    ),
    "large file": Fault(
        backend({}) | {"data.bin": b"\0" * (10 * 1024 * 1024 + 1)},
        "T002",
        "large-file",
        "backend/data.bin",
        "warning",
    ),
    "git-lfs pointer": Fault(backend({"logo.png": POINTER}), "T002", "lfs-pointer", "backend/logo.png:1"),
    "syntax error in the entry": Fault(main(APP + "def broken(:\n"), "T002", "python-syntax", "backend/main.py:4"),
    "syntax error nobody imports": Fault(
        backend({"old.py": "print 'hello'\n"}), "T002", "python-syntax", "backend/old.py:1", "warning"
    ),
    "Python file that is not UTF-8": Fault(
        backend() | {"main.py": APP.encode() + b"# caf\xe9\n"}, "T002", "python-syntax", "backend/main.py:4"
    ),
    "null bytes": Fault(backend() | {"main.py": APP + "\0"}, "T002", "python-syntax", "backend/main.py:1"),
    "script without its executable bit": Fault(
        backend({"Dockerfile": dockerfile('CMD ["./start.sh"]\n'), "start.sh": SCRIPT}),
        "T002",
        "not-executable",
        CMD_LINE,
    ),
    "script without its executable bit, found on PATH": Fault(
        backend(
            {
                "Dockerfile": dockerfile('CMD ["start.sh"]\n', middle="COPY start.sh /usr/local/bin/\n"),
                "start.sh": "cd /app\n" + SCRIPT,
            }
        ),
        "T002",
        "not-executable",
        "backend/Dockerfile:10",
    ),
    "script with the line ends of Windows": Fault(
        backend(
            {
                "Dockerfile": dockerfile('ENTRYPOINT ["/app/start.sh"]\n', middle="RUN chmod +x /app/start.sh\n"),
                "start.sh": "#!/bin/sh\r\n" + SCRIPT,
            }
        ),
        "T002",
        "script-line-ends",
        "backend/start.sh:1",
    ),
}


SH_C = f'["sh", "-c", "{STAYING.strip()}"]'


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (f"CMD {STAYING}", True),
        (f"CMD {SH_C}\n", True),
        (f'ENTRYPOINT ["tini", "--"]\nCMD {SH_C}\n', True),
        (f'ENTRYPOINT ["tini", "-g", "--"]\nCMD {SH_C}\n', False),
        (f'ENTRYPOINT ["dumb-init", "--"]\nCMD {SH_C}\n', False),
        (f"CMD {SH_C.replace('sh', 'bash', 1)}\n", False),
        (f"CMD trap 'kill -TERM $!' TERM; {STAYING}", False),
        (f"CMD exec {STAYING}", False),
        ('ENTRYPOINT ["sh", "-c", "exec \\"$@\\"", "-"]\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n', False),
    ],
)
def test_a_shell_is_told_where_it_stays_and_passes_no_signals_on(start: str, told: bool, project: Make) -> None:
    found = project(backend({"Dockerfile": dockerfile(start)})).check()
    assert [finding.code for finding in found if finding.code == "shell-stays"] == ["shell-stays"] * told


@pytest.mark.parametrize("base", ["python:3.13-alpine", "example/own:1"])
def test_of_another_shell_it_is_not_known_whether_it_stays(base: str, project: Make) -> None:
    found = project(backend({"Dockerfile": dockerfile(f"CMD {STAYING}", base=base)})).check()
    assert "shell-stays" not in {finding.code for finding in found}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_is(name: str, project: Make) -> None:
    fault = FAULTS[name]
    assert said(project(fault.files).check()) == fault.expected


def test_a_list_that_is_not_json_is_named(project: Make) -> None:
    """The shell that gets it starts nothing, which is said as well."""
    files = backend({"Dockerfile": dockerfile("CMD ['uvicorn', 'main:app', '--host', '0.0.0.0']\n")})
    found = said(project(files).check())
    assert ("T002", "json-form", CMD_LINE, "error") in found
    assert ("T004", "start-unread", CMD_LINE, "warning") in found


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import prices\nexcept ImportError:\n    prices = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import prices\n",
        'if __name__ == "__main__":\n    import prices\n',
    ],
    ids=["may fail", "for types", "as a script"],
)
def test_a_module_that_is_not_needed_may_be_kept_out(code: str, project: Make) -> None:
    assert project(backend({"main.py": code + APP, "prices.py": "", ".dockerignore": "prices.py\n"})).check() == ()


@pytest.mark.parametrize("name", ["json", "fastapi", "uvicorn"])
def test_a_module_that_comes_from_elsewhere_may_be_kept_out(name: str, project: Make) -> None:
    files = backend({"main.py": f"import {name}\n{APP}", f"{name}.py": "", ".dockerignore": f"{name}.py\n"})
    assert project(files).check() == ()


def test_a_module_is_told_once(project: Make) -> None:
    """However many import it; and an import of a neighbour within a package is none of the module beside the entry."""
    files = backend(
        {
            "main.py": f"import prices\nimport prices\nfrom app import shop\n{APP}",
            "app/__init__.py": "",
            "app/shop.py": "import prices\nfrom .rates import today\n",
            "app/rates.py": "today = 1\n",
            "prices.py": "",
            "rates.py": "",
            ".dockerignore": "/prices.py\n/rates.py\n",
        }
    )
    assert [found.code for found in project(files).check()] == ["module-kept-out"]


def test_a_module_that_the_image_has_elsewhere_may_be_kept_out(project: Make) -> None:
    files = backend(
        {
            "Dockerfile": dockerfile(middle="ENV PYTHONPATH=/app/lib\n"),
            "main.py": f"import prices\n{APP}",
            "prices.py": "",
            "lib/prices.py": "",
            ".dockerignore": "/prices.py\n",
        }
    )
    assert project(files).check() == ()


def test_a_module_beside_an_entry_that_is_a_package_is_found(project: Make) -> None:
    files = {path: text for path, text in backend().items() if path != "main.py"} | {
        "Dockerfile": dockerfile("CMD exec uvicorn service:app --host 0.0.0.0 --port ${PORT:-7860}\n"),
        "service/__init__.py": f"import prices\n{APP}",
        "prices.py": "",
        ".dockerignore": "prices.py\n",
    }
    found = said(project(files, entry="service:app").check())
    assert found == [("T002", "module-kept-out", "backend/service/__init__.py:1", "error")]


@pytest.mark.parametrize(
    ("file", "line"), [("prices.py", "!prices.py"), ("prices/__init__.py", "!prices/**")], ids=["module", "package"]
)
def test_the_cure_lets_it_in(file: str, line: str, project: Make) -> None:
    source = project(backend({"main.py": f"import prices\n{APP}", file: "", ".dockerignore": f"{file}\n"}))
    (found,) = source.check()
    assert found.what == f"prices is imported, and .dockerignore keeps {file} out of the image"
    assert found.cure == f"add the line {line} to .dockerignore"
    source.write(".dockerignore", f"{file}\n{line}\n")
    assert source.check() == ()


@pytest.mark.parametrize("run", ["chmod +x start.sh", "chmod -R 755 .", "chmod 755 ./start.sh && true"])
def test_run_may_set_the_executable_bit(run: str, project: Make) -> None:
    files = backend({"Dockerfile": dockerfile('CMD ["./start.sh"]\n', middle=f"RUN {run}\n"), "start.sh": SCRIPT})
    assert project(files).check() == ()


@pytest.mark.parametrize("mode", ["755", "0755", "+x", "a=rx"])
def test_copy_may_set_the_executable_bit(mode: str, project: Make) -> None:
    copy = f"COPY --chmod={mode} start.sh /start.sh\n"
    files = backend({"Dockerfile": dockerfile('CMD ["/start.sh"]\n', middle=copy), "start.sh": "#!/bin/sh\n" + SCRIPT})
    assert project(files).check() == ()


def test_a_coding_line_makes_other_encodings_right(project: Make) -> None:
    code = "# -*- coding: latin-1 -*-\n" + APP + "NAME = 'café'\n"
    assert project(backend() | {"main.py": code.encode("latin-1")}).check() == ()


def test_syntax_of_a_newer_python_is_a_warning(project: Make) -> None:
    """This Python cannot tell whether the image's would take it."""
    found = project(main(APP + "x = t'{app'\n"), python="3.99").check()
    assert ("T002", "python-syntax", "backend/main.py:4", "warning") in said(found)


def test_syntax_the_image_is_too_old_for_is_an_error(project: Make) -> None:
    files = backend({"main.py": APP + "match app:\n    case None:\n        pass\n"})
    files["Dockerfile"] = dockerfile(base="python:3.9-slim")
    [finding] = project(files, python="3.9").check()
    assert (finding.code, finding.level, finding.file) == ("python-syntax", "error", "backend/main.py")


def test_a_declared_specification_must_be_there(project: Make, tmp_path: Path) -> None:
    spec = tmp_path / "specs/spec.md"
    made = project(backend(), spec=spec)
    assert said(made.check()) == [("T001", "spec-missing", "", "error")]
    assert "specs/spec.md" in made.check()[0].what
    spec.parent.mkdir()
    spec.write_text("\n \n", encoding="utf-8")
    assert said(made.check()) == [("T001", "spec-empty", "", "error")]
    spec.write_text("# Problem\n", encoding="utf-8")
    assert made.check() == ()


@pytest.mark.parametrize(
    ("run", "found"),
    [
        ("RUN sed -i 's/\\r$//' go.sh && chmod +x go.sh\n", []),
        ("RUN apt-get update && apt-get install -y dos2unix && dos2unix go.sh && chmod 755 go.sh\n", []),
        ("RUN dos2unix go.sh && chmod +x go.sh\nCOPY . /app\n", ["script-line-ends"]),
        ("RUN dos2unix go.sh && chmod +x go.sh\nCOPY ./go.sh /app/\n", ["script-line-ends"]),
        ("RUN dos2unix go.sh && chmod +x go.sh\nCOPY requirements.txt /app/\n", []),
        ("RUN chmod +x go.sh\n", ["script-line-ends"]),
    ],
)
def test_line_ends_that_the_build_mends_are_mended_until_they_are_copied_again(
    project: Make, run: str, found: list[str]
) -> None:
    text = "#!/bin/sh\r\nexec uvicorn main:app --host 0.0.0.0 --port ${PORT:-7860}\n"
    files = backend({"go.sh": text, "Dockerfile": dockerfile('CMD ["./go.sh"]\n', middle=run)})
    assert [finding.code for finding in project(files).check()] == found
