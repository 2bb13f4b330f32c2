"""The right to change one Space, held by one command at a time, kept on the Hub itself.

The lease is a branch whose creation is atomic: of two callers one gets 409. Who holds it, and until
when, stands in the name of a tag made right after. Branches other than `main` and tags do not make
a Space build. Deleting the tag is atomic too, so of two commands that find a stale lease one clears it.

Nothing tells whose a branch is, so a fresh one may be cleared as part of a stale lease. The tag decides:
who signed looks, and does not hold it when its branch is gone or another tag is in force. Of two who
both signed, the one that looks last sees the other; that neither holds it is safe, that both do is not.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from deploy.errors import Conflict, DeployError, LeaseHeld, SpaceNotFound
from deploy.space.client import HubClient
from deploy.space.model import Refs

BRANCH = "spacewright-lease"
_TAG = re.compile(r"spacewright-lease_(?P<since>\d{8}T\d{6}Z)_(?P<until>\d{8}T\d{6}Z)_(?P<holder>[^_]+)_[0-9a-f]+")
_TIME = "%Y%m%dT%H%M%SZ"
_REFUSALS = 5
"""Times the branch is refused while there is none to be seen, each time left by another deploy in between."""
SIGNING_GRACE = 30.0
"""Seconds an unsigned lease is respected: its holder may be between making the branch and making the tag."""
_LAG = (1.0, 2.0, 4.0, 8.0)
"""Seconds between looks for a tag of our own: what the Hub shows may be older than what it was told."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """Who holds the right to change a Space, by the Hub's clock."""

    tag: str
    holder: str
    since: datetime
    until: datetime

    @classmethod
    def parse(cls, tag: str) -> Lease | None:
        """None for a tag that is not a lease."""
        found = _TAG.fullmatch(tag)
        if not found:
            return None
        try:
            since, until = (datetime.strptime(found[key], _TIME).replace(tzinfo=UTC) for key in ("since", "until"))
        except ValueError:
            return None
        return cls(tag=tag, holder=found["holder"], since=since, until=until)


def holder_name(env: Mapping[str, str] = os.environ) -> str:
    """`user@host`, or the run of a GitHub workflow; characters that a git tag may hold."""
    if env.get("GITHUB_ACTIONS") == "true":
        name = f"github-{env.get('GITHUB_REPOSITORY', '')}-run-{env.get('GITHUB_RUN_ID', '')}"
    else:
        name = f"{env.get('USER') or env.get('LOGNAME') or 'someone'}@{socket.gethostname()}"
    return re.sub(r"[^A-Za-z0-9@-]+", "-", name)[:80]


@contextmanager
def held(
    client: HubClient,
    commit: str,
    *,
    duration: float,
    target: str,
    holder: str = "",
    wait: float = 0.0,
    on_stranded: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Lease]:
    """Hold the lease while the body runs; it is given back however the body ends.

    `duration` seconds after which others may take it; `wait` seconds to wait for another holder.
    Raises LeaseHeld that names the holder, and Conflict when the Hub refuses it though nobody holds it.
    """
    deadline = clock() + wait
    refused = 0
    take = partial(_take, client, commit, duration=duration, target=target, holder=holder or holder_name())
    while not (lease := take(clock=clock, sleep=sleep)):
        refused += not _clear_or_refuse(client, target, patient=clock() < deadline, clock=clock, sleep=sleep)
        if refused == _REFUSALS:
            raise _refused(client, target)
    try:
        yield lease
    finally:
        try:
            _give_back(client, lease)
        except DeployError as error:
            # How the body ended matters more; the lease ends by itself.
            on_stranded(
                f"the lease could not be given back, and may stay until {lease.until:%H:%M} UTC: {error.what} "
                f"To clear it: invoke unlock --to {target}"
            )


def current(refs: Refs) -> tuple[bool, Lease | None]:
    """Whether the Space is held, and by whom when the lease is signed. A tag without the branch holds nothing."""
    if BRANCH not in refs.branches:
        return False, None
    return True, _newest(refs)


def require(client: HubClient, lease: Lease, target: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Look whether the lease is still there. Raises LeaseHeld when someone cleared it."""
    refs = _refs_showing(client, lease, sleep)
    if lease.tag in refs.tags:
        return
    other = _newest(refs)
    raise LeaseHeld(
        f"The lease of {client.space} is not this command's any more: it writes nothing from here on.",
        cause=f"{other.holder} has taken it" if other else "someone cleared it (invoke unlock)",
        next_step=f"invoke status --to {target} shows what serves and who holds it; then run the command again",
    )


def break_lease(client: HubClient) -> Lease | None:
    """Clear whatever lease there is, for a person who knows that its holder is gone; gives what it was."""
    refs = client.refs()
    taken, lease = current(refs)
    for tag in refs.tags:
        if Lease.parse(tag):
            _delete_tag(client, tag)
    if taken:
        client.delete_branch(BRANCH)
    return lease


def _take(
    client: HubClient,
    commit: str,
    *,
    duration: float,
    target: str,
    holder: str,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Lease | None:
    """None when someone else holds it, or may hold it by now. Raises Conflict when the Hub does not keep the tag:
    its 409 is no proof that it did.
    """
    asked = clock()
    try:
        client.create_branch(BRANCH)
    except Conflict:
        return None
    now = client.traffic.hub_time()
    since, until = now, now + timedelta(seconds=duration)
    tag = f"spacewright-lease_{since:{_TIME}}_{until:{_TIME}}_{holder}_{secrets.token_hex(4)}"
    lease = Lease(tag=tag, holder=holder, since=since, until=until)
    try:
        client.create_tag(tag, commit)
        refs = _refs_showing(client, lease, sleep)
        if tag not in refs.tags:
            raise _refused(client, target)
    except BaseException:
        # The tag may be there, its answer lost. How taking it failed matters more than what is left of it.
        with suppress(DeployError):
            _delete_tag(client, tag)
            client.delete_branch(BRANCH)
        raise
    others = [other for other in _signed(refs) if other.tag != tag and other.until >= now]
    if clock() - asked < SIGNING_GRACE and BRANCH in refs.branches and not others:
        return lease
    _delete_tag(client, tag)
    return None


def _refs_showing(client: HubClient, lease: Lease, sleep: Callable[[float], None]) -> Refs:
    """Branches and tags, asked for again while the lease is not among them."""
    refs = client.refs()
    for pause in _LAG:
        if lease.tag in refs.tags:
            break
        sleep(pause)
        refs = client.refs()
    return refs


def _signed(refs: Refs) -> list[Lease]:
    return [lease for tag in refs.tags if (lease := Lease.parse(tag))]


def _newest(refs: Refs) -> Lease | None:
    """The one that ends last: one that is over does not hide another."""
    return max(_signed(refs), key=lambda lease: (lease.until, lease.since), default=None)


def _clear_or_refuse(
    client: HubClient, target: str, *, patient: bool, clock: Callable[[], float], sleep: Callable[[float], None]
) -> bool:
    """Returns when it is worth trying again, and whether there was a lease: stale and cleared, or waited for."""
    taken, lease = current(client.refs())
    if not taken:
        return False
    now = client.traffic.hub_time()
    if lease is None:
        _clear_unsigned(client, clock, sleep)
    elif lease.until < now:
        if _delete_tag(client, lease.tag):
            client.delete_branch(BRANCH)
    elif patient:
        sleep(5.0)
    else:
        raise LeaseHeld(
            f"{client.space} is being changed by {lease.holder}, for {_age(now - lease.since)} so far.",
            cause=f"another deploy is under way; its right to the Space ends at {lease.until:%H:%M:%S} UTC",
            next_step=f"wait for it; if it is gone for good: invoke unlock --to {target}",
        )
    return True


def _refused(client: HubClient, target: str) -> Conflict:
    return Conflict(
        f"The Hub refuses the lease of {client.space}, though nobody holds it (409).",
        cause="other deploys take and leave it all the time, or the Hub does not let its branch or tag be made",
        next_step=f"invoke doctor --to {target}, then run the command again",
    )


def _clear_unsigned(client: HubClient, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
    deadline = clock() + SIGNING_GRACE
    while clock() < deadline:
        sleep(2.0)
        taken, lease = current(client.refs())
        if not taken or lease:
            return
    client.delete_branch(BRANCH)


def _give_back(client: HubClient, lease: Lease) -> None:
    """The tag first: when it was gone before, someone took the lease for stale, and the branch is theirs."""
    try:
        ours = _delete_tag(client, lease.tag)
    except DeployError:
        # The answer may be lost, and the tag gone all the same.
        refs = client.refs()
        if lease.tag in refs.tags:
            _delete_tag(client, lease.tag)
        ours = all(other.tag == lease.tag for other in _signed(refs))
    if ours:
        client.delete_branch(BRANCH)


def _delete_tag(client: HubClient, tag: str) -> bool:
    try:
        client.delete_tag(tag)
    except SpaceNotFound:
        return False
    return True


def _age(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
