"""What a smoke test is given besides an image."""

from __future__ import annotations

from deploy.image.boot import Boot
from deploy.image.smoke import SmokeReport, random_port_but, throw_away


def test_the_random_port_is_never_the_one_of_the_card() -> None:
    assert random_port_but(7860, below=lambda _: 0) == 20000
    assert random_port_but(20000, below=lambda _: 0) == 20001


def test_the_random_port_may_be_opened_by_uid_1000() -> None:
    assert all(1024 < random_port_but(7860) < 65536 for _ in range(50))


def test_throw_away_secrets_differ_from_each_other_and_each_time() -> None:
    first, second = throw_away(["A", "B"]), throw_away(["A", "B"])
    assert set(first) == {"A", "B"}
    assert len({first["A"], first["B"], second["A"], second["B"]}) == 4


def test_the_report_has_a_line_and_a_document() -> None:
    boots = (
        Boot(port=41234, port_given=True, seconds=1.234),
        Boot(port=7860, port_given=False, seconds=0.5),
    )
    report = SmokeReport(boots=boots, warnings=("ignores",))
    assert report.summary == "port 41234 after 1.2 s, port 7860 after 0.5 s"
    assert report.as_document() == {
        "boots": [
            {"port": 41234, "port_given": True, "seconds": 1.23},
            {"port": 7860, "port_given": False, "seconds": 0.5},
        ],
        "warnings": ["ignores"],
    }
