from __future__ import annotations

import pytest

from deploy.requirements.lines import parse_lines
from deploy.requirements.pins import complete_files, read_pins
from tests.unit.lock.conftest import HASH, OTHER_HASH, pinned

LOCK = f"""\
# inputs sha256:{"a" * 64}
# pins sha256:{"b" * 64}
Typing_Extensions==4.16.0rc1 ; python_version < "3.13" \\
    {HASH} \\
    {OTHER_HASH}
    # via
    #   -r requirements.in
    #   anyio

# The following packages are considered to be unsafe in a requirements file:
pip==26.3
"""


def test_a_lock_is_read_as_pip_reads_it() -> None:
    pins = read_pins(LOCK)

    first, second = pins.by_name["typing-extensions"], pins.by_name["pip"]
    assert (first.version, first.marker, first.line, first.direct) == ("4.16.0rc1", 'python_version < "3.13"', 3, True)
    assert first.hashes == (HASH.removeprefix("--hash="), OTHER_HASH.removeprefix("--hash="))
    assert (second.version, second.hashes, second.line, second.direct) == ("26.3", (), 11, False)
    assert pins.digests == {"inputs": "a" * 64, "pins": "b" * 64}
    assert pins.strange == ()


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.com/simple",
        "--find-links /opt/wheels",
        "-e .",
        "thing @ https://example.com/thing.whl",
        "thing>=1",
        "thing==not-a-version",
        "thing[more]==1",
        "thing==1,<2",
        "thing===1",
        "thing==1.*",
        "    # from https://example.com",
        "    # via -r /home/me/requirements.in",
        "    --hash=md5:00",
        f"    {HASH}",
    ],
)
def test_a_line_that_is_neither_pin_nor_hash_is_strange(line: str) -> None:
    pins = read_pins(f"# comment\n{line}\n")

    assert pins.strange == ((2, line.strip()),)
    assert not pins.by_name


def test_the_digest_is_of_what_pip_reads() -> None:
    text = pinned("fastapi==1.0", "anyio==2.0")

    assert read_pins(text).digest == read_pins(text.replace("# via another", "# via nobody")).digest
    assert read_pins(text).digest != read_pins(text.replace("2.0", "2.1")).digest
    assert read_pins(text).digest != read_pins(text.replace(HASH, OTHER_HASH)).digest
    assert read_pins(text).digest != read_pins(text.replace("2.0 ", "2.0 ; python_version > '3' ")).digest
    assert read_pins(text).digest != read_pins(pinned("fastapi==1.0")).digest


def test_a_host_in_a_comment_beside_a_pin_is_strange_and_its_password_is_not_told() -> None:
    pins = read_pins("thing==1  # from https://me:hunter2@example.com\n")

    assert pins.strange == ((1, "thing==1  # from https://***@example.com"),)
    assert list(pins.by_name) == ["thing"]


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        (pinned("a==1", "b==2"), True),
        ("a==1  # via b\nb==2\n    # via -r requirements.in\n", True),
        ("a==1\nb==2\n", False),
        ("a==1  # via b\nb>=2  # via -r requirements.in\n", False),
        (pinned("a==1") + "b==2\n", False),
        (f"a @ https://example.com/a.whl {HASH}\n", True),
        (f"a==1 {HASH}\n-r more.txt\n", False),
        (f"a==1 {HASH}\n--index-url https://example.com\n-c bounds.txt\n", False),
        ("# nothing\n", False),
    ],
)
def test_a_file_is_complete_when_a_tool_wrote_all_of_it(text: str, complete: bool) -> None:
    assert complete_files(parse_lines(text, "requirements.txt")) == ({"requirements.txt"} if complete else set())
