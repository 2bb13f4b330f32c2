"""The linters of workflows are content with ours, at their strictest, and see what they are there to see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.workflow import ROOT, WORKFLOWS

ZIZMOR = (str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet", "--persona", "auditor")
SCHEMA = (sys.executable, "-m", "check_jsonschema", "--builtin-schema")
DEPENDABOT = ROOT / ".github" / "dependabot.yml"
FILES = sorted(WORKFLOWS.glob("*.yml"))


def lint(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, argv)], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    "command",
    [
        (*ZIZMOR, *FILES, DEPENDABOT),
        (*SCHEMA, "vendor.github-workflows", *FILES),
        (*SCHEMA, "custom.github-workflows-require-timeout", *FILES),
        (*SCHEMA, "vendor.dependabot", DEPENDABOT),
    ],
    ids=["zizmor", "workflows", "timeouts", "dependabot"],
)
def test_they_find_nothing(command: tuple[str | Path, ...]) -> None:
    done = lint(*command)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("good", "bad", "found"),
    [
        ('--to "$TARGET"', "--to ${{ inputs.target }}", "template-injection"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "unpinned-uses"),
        ("persist-credentials: false", "persist-credentials: true", "artipacked"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
        (" # for the keyless login on the Hub", "", "undocumented-permissions"),
        (
            "    environment:\n      name: production\n      url: ${{ steps.deploy.outputs.url }}\n",
            "",
            "secrets-outside-env",
        ),
    ],
)
def test_zizmor_sees(tmp_path: Path, good: str, bad: str, found: str) -> None:
    spoiled = tmp_path / ".github" / "workflows" / "deploy.yml"
    spoiled.parent.mkdir(parents=True)
    text = (WORKFLOWS / "deploy.yml").read_text()
    assert good in text
    spoiled.write_text(text.replace(good, bad))

    done = lint(*ZIZMOR, spoiled)

    assert done.returncode != 0
    assert f"[{found}]" in done.stdout


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ("vendor.github-workflows", "runs-on: ubuntu-24.04", "runs: ubuntu-24.04"),
        ("custom.github-workflows-require-timeout", "    timeout-minutes: 120\n", ""),
    ],
)
def test_schemas_see(tmp_path: Path, schema: str, good: str, bad: str) -> None:
    spoiled = tmp_path / "deploy.yml"
    spoiled.write_text((WORKFLOWS / "deploy.yml").read_text().replace(good, bad))

    assert lint(*SCHEMA, schema, spoiled).returncode == 1
