#!/usr/bin/env bash
# dulwich 1.2.21: LFSPointer.from_bytes takes texts for pointers of Git LFS that the specification and git-lfs do not.
#
# Expected: git-lfs/docs/spec.md: a pointer is its key lines and nothing else, the keys after `version` are sorted, and an
#   oid is 64 hexadecimal digits; for anything else from_bytes gives None, as it does for text without a version.
# Behaviour: sentences behind the keys, a size before the oid and an oid of any text are pointers all the same;
#   `is_valid_oid` has to be asked besides, and does not look at the rest.
# Why it matters: a Hub, or a tool that compares files with one, that asks dulwich takes a text file that only speaks of
#   a pointer for a large file, and looks for contents that nobody has ever stored.
# Fails when dulwich refuses such texts.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dulwich==1.2.21
cat >"$work/ask.py" <<'PYTHON'
import dulwich
from dulwich.lfs import LFSPointer

VERSION = "version https://git-lfs.github.com/spec/v1\n"
OID = "oid sha256:" + "a" * 64 + "\n"
TEXTS = {
    "a pointer": f"{VERSION}{OID}size 12\n",
    "a story behind it": f"{VERSION}{OID}size 12\nis what such a file says.\n",
    "size before oid": f"{VERSION}size 12\n{OID}",
    "oid of words": f"{VERSION}oid sha256:to-be-done\nsize 12\n",
    "plain text": "hello\n",
}
print("dulwich", ".".join(map(str, dulwich.__version__)))
for name, text in TEXTS.items():
    print(f"{name}: {'a pointer' if LFSPointer.from_bytes(text.encode()) else 'none'}")
PYTHON
output=$("$work/venv/bin/python" "$work/ask.py")
printf '%s\n' "$output"
for name in 'a pointer' 'a story behind it' 'size before oid' 'oid of words'; do
    grep -qx "$name: a pointer" <<<"$output"
done
grep -qx 'plain text: none' <<<"$output"
