from __future__ import annotations

import pytest

from deploy.requirements.pins import read_pins
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
