"""How a file travels: inside the commit ("regular") or beside it ("lfs").

The Hub's rule: text up to 10 MB is regular unless `.gitattributes` sends it to LFS; everything else is large.
"""

from __future__ import annotations

from io import BytesIO
from typing import Literal

from dulwich.attrs import GitAttributes, compile_gitattributes_patterns, parse_git_attributes
from pathspec import GitIgnoreSpec

Mode = Literal["regular", "lfs"]
REGULAR_LIMIT = 10 * 1024 * 1024

_LARGE_KINDS = (
    "7z arrow avro bin bz2 ckpt ftz gz h5 joblib lfs.* mlmodel model msgpack npy npz onnx ot parquet pb pickle pkl "
    "pt pth rar safetensors tar.* tar tflite tgz wasm xz zip zst"
)
DEFAULT_ATTRIBUTES = "".join(
    f"{pattern} filter=lfs diff=lfs merge=lfs -text\n"
    for pattern in (*(f"*.{kind}" for kind in _LARGE_KINDS.split()), "saved_model/**/*", "*tfevents*")
)
"""The `.gitattributes` of a new repository."""


def reads_as_text(sample: bytes) -> bool:
    """Whether the first bytes of a file read as text: no NUL, and UTF-8 as far as they go."""
    if b"\0" in sample:
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.start >= len(sample) - 3
    return True


class Rules:
    """What one request is judged by. `attributes` and `ignored` are the texts of the two git files, or empty."""

    def __init__(self, attributes: str, ignored: str) -> None:
        lines = parse_git_attributes(BytesIO(attributes.encode()))
        self._attributes = GitAttributes(compile_gitattributes_patterns(lines, ".gitattributes"))
        self._ignored = GitIgnoreSpec.from_lines(ignored.splitlines())

    def mode(self, path: str, size: int, sample: bytes) -> Mode:
        if size == 0:
            return "regular"
        if size > REGULAR_LIMIT or not reads_as_text(sample) or self.to_lfs(path):
            return "lfs"
        return "regular"

    def to_lfs(self, path: str) -> bool:
        return self._attributes.match_path(path.encode()).get(b"filter") == b"lfs"

    def ignores(self, path: str) -> bool:
        return self._ignored.match_file(path)
