"""What the Hub refuses to take into a repository, in its own words."""

from __future__ import annotations

from collections.abc import Iterable

from deploy.localhub import cards
from deploy.localhub.answers import Refusal
from deploy.localhub.git import fsck
from deploy.localhub.git.large_files import LargeFiles
from deploy.localhub.git.operations import CommitRequest
from deploy.localhub.git.upload_modes import REGULAR_LIMIT, reads_as_text

TOO_LARGE = """Your push was rejected because it contains files larger than 10 MiB.
Please use https://git-lfs.github.com/ to store large files.
See also: https://hf.co/docs/hub/repositories-getting-started#terminal"""
BINARY = """Your push was rejected because it contains binary files.
Please use https://huggingface.co/docs/hub/xet to store binary files."""
POINTER = """Your push was rejected because an LFS pointer pointed to a file that does not exist.
For instance, this can happen if you used git push --no-verify to push your changes."""
UNUSABLE = "Your push was rejected because it is not a commit whose files can be checked out."
CARD = "Your push was rejected because the README.md has invalid metadata"
_SAMPLE = 8000
"""Bytes that tell text from binary, as many as git looks at."""


def check(request: CommitRequest, large_files: LargeFiles, ref: str) -> None:
    """Raises Refusal (400) that names every offending file of one kind."""
    refuse(UNUSABLE, fsck.of_paths([*request.regular, *request.large]), ref)
    refuse(TOO_LARGE, (path for path, data in request.regular.items() if len(data) > REGULAR_LIMIT), ref)
    refuse(BINARY, (path for path, data in request.regular.items() if not is_text(data)), ref)
    refuse(POINTER, (path for path, pointer in request.large.items() if not large_files.has(pointer)), ref)
    check_card(request.regular.get("README.md"))


def is_text(data: bytes) -> bool:
    """Whether a file is text, told by its beginning as git does."""
    return reads_as_text(data[:_SAMPLE])


def check_card(readme: bytes | None) -> None:
    """Raises Refusal (400) for a README whose front matter breaks the Hub's rules."""
    card = cards.judge(readme or b"")
    if card.errors:
        raise Refusal(400, f"{CARD}: {'; '.join(card.errors)}")


def refuse(reason: str, paths: Iterable[str], ref: str) -> None:
    """Raises Refusal (400) when there are any paths."""
    offending = [f"  - {path} (ref: {ref})" for path in paths]
    if offending:
        raise Refusal(400, "\n".join((reason, "Offending files:", *offending)))
