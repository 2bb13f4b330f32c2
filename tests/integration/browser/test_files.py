"""The page's files keep what its strict policy and its way without a build step ask of them."""

from __future__ import annotations

import re

from tests.real.backend import SOURCE

WEB = SOURCE / "web"
INDEX = (WEB / "index.html").read_text(encoding="utf-8")
MODULES = {path.name: path.read_text(encoding="utf-8") for path in (WEB / "assets" / "app").glob("*.js")}
SHEETS = {path.name for path in (WEB / "assets" / "css").glob("*.css")}


def test_every_module_is_fetched_at_once_and_every_sheet_is_used() -> None:
    """Otherwise a browser learns of a module only when it has read the one that imports it."""
    preloaded = re.findall(r'<link rel="modulepreload" href="assets/app/([^"]+)">', INDEX)
    assert preloaded == sorted(MODULES.keys() - {"main.js"})
    assert set(re.findall(r'<link rel="stylesheet" href="assets/css/([^"]+)">', INDEX)) == SHEETS


def test_addresses_are_relative() -> None:
    """So that the folder can be served from anywhere."""
    addresses = re.findall(r'(?:href|src|action)="([^"#][^"]*)"', INDEX)
    assert [address for address in addresses if re.match(r"/|[a-z]+:", address)] == []


def test_no_script_and_no_style_is_written_into_the_page() -> None:
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", INDEX) == []


def test_data_never_becomes_markup() -> None:
    sinks = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function")
    assert [name for name, text in MODULES.items() if sinks.search(text)] == []


def test_every_element_that_a_module_asks_for_is_there() -> None:
    asked = {name for text in MODULES.values() for name in re.findall(r'byId\("([^"]+)"\)', text)}
    assert asked - set(re.findall(r'\sid="([^"]+)"', INDEX)) == set()
