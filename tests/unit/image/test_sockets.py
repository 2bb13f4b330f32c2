"""The kernel's socket tables, read."""

from __future__ import annotations

from deploy.image.sockets import Listener, listeners

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(address: str, state: str = "0A") -> str:
    return f"   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  1000        0 1 1\n"


def test_all_interfaces_and_loopback_are_told_apart() -> None:
    table = HEADER + row("00000000:1EB4") + row("0100007F:270F")
    assert listeners(table) == (Listener(7860, loopback=False), Listener(9999, loopback=True))


def test_every_address_of_127_is_loopback() -> None:
    assert listeners(row("0500007F:1EB4")) == (Listener(7860, loopback=True),)


def test_ipv6_any_loopback_and_mapped_loopback() -> None:
    table = (
        row("00000000000000000000000000000000:1EB4")
        + row("00000000000000000000000001000000:1EB5")
        + row("0000000000000000FFFF00000100007F:1EB6")
    )
    assert [(one.port, one.loopback) for one in listeners(table)] == [(7860, False), (7861, True), (7862, True)]


def test_connections_and_dockers_name_server_are_not_listeners() -> None:
    assert listeners(row("00000000:1EB4", state="01") + row("0B00007F:A001")) == ()


def test_one_port_in_both_tables_is_told_by_family() -> None:
    table = row("00000000:1EB4") + row("00000000000000000000000000000000:1EB4")
    assert listeners(table * 2) == (Listener(7860, loopback=False), Listener(7860, loopback=False, ipv6=True))
