"""The report: all 35 tasks in words, every value escaped, nothing fetched, and no heavier than it should be."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from deploy.evidence.html.badges import anchor
from deploy.evidence.html.elements import element, fragment, prose
from deploy.evidence.html.gallery import Missing, Picture, collected
from deploy.evidence.html.page import page
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import visible
from deploy.proof import Proof
from tests.specification import TASKS
from tests.unit.evidence.samples import evidence, png, proofs, troubled, with_screenshots

HERE = Path("/nowhere")
VOID = {"img", "meta"}


class Reader(HTMLParser):
    """Reads a page as a browser does: elements with their attributes, and the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def read(whole: Evidence, folder: Path = HERE) -> Reader:
    reader = Reader(page(whole, folder))
    assert reader.open == []
    return reader


def headings(whole: Evidence, folder: Path = HERE) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]+)</h2>", page(whole, folder))


# What it says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [evidence(), troubled(), evidence(proofs=())], ids=["good", "troubled", "empty"])
def test_every_task_has_a_cell_with_symbol_and_word_that_leads_to_its_checks(whole: Evidence) -> None:
    reader = read(whole)
    words = {"passed": "✓ proved", "failed": "✗ failed", "not run": "– not run"}
    for task in TASKS:
        cell = f"{task.id} {', '.join(task.checks)} {words[whole.verdict_of(task)]}"
        assert cell in reader.text
        assert f"#{anchor(task)}" in {link.get("href") for link in reader.named("a")}
        assert anchor(task) in {article.get("id") for article in reader.named("article")}
    assert all(name in reader.text for name in whole.phases)


def test_the_head_says_what_of_which_release_by_whom_and_when() -> None:
    text = read(evidence()).text
    for said in (
        *(
            "35 of 35 tasks proved",
            "✓ deployed",
            "local/tasks",
            "22 November 2026, 20:15 UTC",
            "3 min 12 s",
            "you@here",
        ),
        *("3b18e512dba7c0ffee00112233445566778899aa", "0c292e62feda7b1390a8d5c4e3f2b1a098765432"),
        *(
            "65095eb2c1f0a9d2b7c4e8f10325476981badcfe",
            "sha256:9f2c4b8e1d7a6035c4b1f8e2d9a7605b3c4e1f8a2d7b9056c3e4f1a8",
        ),
    ):
        assert said in text


def test_each_check_says_what_was_asked_and_seen_and_how_long_it_took() -> None:
    whole = evidence()
    text = read(whole).text
    for proof in whole.proofs:
        assert f"{proof.check} " in text
        assert f"Asked {proof.asked} Seen {proof.seen}" in text
    assert "stable 41 s Asked" in text


def test_failures_come_with_asked_seen_and_next_and_omissions_with_their_reason() -> None:
    text = read(troubled()).text
    assert "31 of 35 tasks proved, 2 failed, 2 not run" in text
    assert "✗ rolled back" in text
    assert (
        "T016 endpoints Asked each of 10 operations is reached with success Seen 9 of 10; "
        "DELETE /api/v1/tasks/{task_id} answered 500 First DELETE /api/v1/tasks/{task_id}: 500, want 204 "
        "Next invoke verify --to local" in text
    )
    assert "T019 The frontend reaches the backend browser: needs a browser: no chromium" in text
    assert "GET / ✓ passed" in text


def test_parts_without_anything_to_show_are_left_out() -> None:
    assert headings(evidence(proofs=(), steps=(), tools={})) == ["Tasks", "What was not run", "Checks"]
    assert headings(evidence()) == ["Tasks", "Checks", "Endpoints", "Latency", "Where the time went", "Tools"]
    assert "Screenshots" in headings(troubled())


def test_an_endpoint_that_was_never_reached_is_marked() -> None:
    reader = read(troubled())
    assert "5 operations, 1 operation never reached with success." in reader.text
    assert "✗ DELETE /api/v1/tasks/{task_id} 27 0 401 404 500" in reader.text
    assert sum(row.get("class") == "failed" for row in reader.named("tr")) == 1


def test_rows_without_a_value_are_a_table_all_the_same() -> None:
    bare = Proof(check="logs", verdict="passed", asked="a", seen="b", tables={"bare": ({}, {}), "none": ()})
    text = read(evidence(proofs=proofs(logs=bare))).text
    assert "bare, 2 rows" in text
    assert "none, 0 rows" not in text


def test_what_is_long_is_cut_and_says_so() -> None:
    wordy = Proof(
        check="logs",
        verdict="failed",
        asked="a",
        seen="b",
        details=("y" * 5000, *(f"line {number}" for number in range(999))),
        tables={"many": tuple({"row": number} for number in range(1000))},
    )
    text = page(evidence(proofs=proofs(logs=wordy)), HERE)
    assert "800 more lines are in evidence.json" in text
    assert "600 more are in evidence.json" in text
    assert "y" * 2001 not in text


# Hostile values ------------------------------------------------------------------------------------------


def test_no_value_becomes_markup_anywhere() -> None:
    hostile = "</title></style></script><script>alert(1)</script>\"' onload='x'><img src=http://evil.example/x>"
    whole = troubled()
    named: dict[str, Any] = dict.fromkeys(
        ("deploy", "target", "space", "hub", "url", "who", "source_sha", "revision", "image", "commit", "verdict"),
        hostile,
    )
    steps = tuple(replace(step, name=hostile, note=hostile) for step in whole.steps)
    told = tuple(
        replace(
            it,
            asked=hostile,
            seen=hostile,
            details=(hostile,),
            figures={hostile: 1.0},
            tables={hostile: ({hostile: hostile},), "endpoints": ({"operation": hostile, "success": 0},)},
            files=(hostile,),
        )
        for it in (*whole.proofs, Proof(check=hostile, verdict="failed", asked="", seen=""))
    )
    reader = read(replace(whole, **named, steps=steps, proofs=told, tools={hostile: hostile}))
    assert {tag for tag, _ in reader.elements} & {"script", "img", "iframe", "object", "link", "base", "form"} == set()
    assert [name for _, attributes in reader.elements for name in attributes if name.startswith("on")] == []
    assert hostile in "".join(reader.texts)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", ""])
def test_only_addresses_of_the_web_are_links(address: str) -> None:
    links = {link.get("href") or "" for link in read(evidence(url=address, hub=address)).named("a")}
    assert {link for link in links if not link.startswith("#")} == set()


def test_what_cannot_be_seen_is_shown_by_its_number() -> None:
    assert visible("a\x1b[31mb\u202ec\ud800\tok\r\n") == "a\\x1b[31mb\\u202ec\\ud800\tok\n"
    assert "\x1b" not in page(troubled(), HERE)


def test_elements_escape_what_is_not_an_element() -> None:
    inner = element("b", "<i>", title='"', class_="x")
    assert inner == '<b title="&quot;" class="x">&lt;i&gt;</b>'
    assert fragment(inner, None, "&") == f"{inner}&amp;"
    assert (
        element("p", f"{inner}")
        == "<p>&lt;b title=&quot;&amp;quot;&quot; class=&quot;x&quot;&gt;&amp;lt;i&amp;gt;&lt;/b&gt;</p>"
    )
    assert prose("the `a<b` x") == "the <code>a&lt;b</code> x"


# One file, nothing fetched -------------------------------------------------------------------------------


def test_its_policy_allows_its_own_style_and_pictures_in_it_and_nothing_else() -> None:
    text = page(evidence(), HERE)
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(it["content"] for it in read(evidence()).named("meta") if "http-equiv" in it)
    assert policy is not None
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_nothing_in_it_points_at_the_network_but_links(tmp_path: Path) -> None:
    reader = read(with_screenshots(tmp_path, evidence()), tmp_path)
    sources = [value for _, attributes in reader.elements for name, value in attributes.items() if name == "src"]
    assert len(sources) == 9
    assert all(source and source.startswith("data:image/png;base64,") for source in sources)
    assert not any("style" in attributes for _, attributes in reader.elements)


# Screenshots ---------------------------------------------------------------------------------------------


def files(*paths: str) -> Evidence:
    shown = Proof(check="responsive", verdict="passed", asked="a", seen="b", files=paths)
    return evidence(proofs=proofs(responsive=shown))


def test_pictures_stand_by_width_with_their_size_in_words(tmp_path: Path) -> None:
    reader = read(with_screenshots(tmp_path, evidence()), tmp_path)
    assert [it["width"] for it in reader.named("img")] == ["360"] * 3 + ["768"] * 3 + ["1440"] * 3
    assert reader.named("img")[0]["alt"] == "Screenshot login-360, 360 by 740 pixels"
    assert "responsive, 360 × 740" in reader.text


def test_a_picture_that_is_too_much_is_named_and_a_later_smaller_one_is_shown(tmp_path: Path) -> None:
    for name, noise in (("a.png", 600), ("b.png", 9000), ("c.png", 600)):
        (tmp_path / name).write_bytes(png(36, 74, noise=b"x" * noise))
    found = list(collected(files("a.png", "b.png", "c.png", "a.png"), tmp_path, budget=4000))
    assert [(type(it), it.path) for it in found] == [(Picture, "a.png"), (Missing, "b.png"), (Picture, "c.png")]


def test_the_page_stays_below_3_mb_and_says_what_it_left_out(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(12)]
    for name in names:
        (tmp_path / name).write_bytes(png(1440, 900, noise=b"x" * 400_000))
    reader = read(files(*names), tmp_path)
    assert len(page(files(*names), tmp_path)) < 3_000_000
    assert 0 < len(reader.named("img")) < 12
    assert "Left out 4.png" in reader.text
    assert "would make this page too heavy" in reader.text


def test_only_pictures_in_the_evidence_folder_are_read(tmp_path: Path) -> None:
    outside, folder = tmp_path / "secret.png", tmp_path / "in"
    folder.mkdir()
    outside.write_bytes(png(36, 74))
    (folder / "link.png").symlink_to(outside)
    (folder / "trace.zip").write_bytes(b"PK")
    whole = files("../secret.png", str(outside), "link.png", "trace.zip", "gone.png", "a\0b.png", "")
    found = list(collected(whole, folder))
    assert [it.why for it in found if isinstance(it, Missing)] == [
        *["it is not in the evidence folder"] * 3,
        "it is no PNG picture; it lies beside evidence.json",
        *["it is not there any more"] * 3,
    ]
