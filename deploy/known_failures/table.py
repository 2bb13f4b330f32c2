"""The known failures of a backend on a Space: by the words of its last error, cause and cure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploy.known_failures.programs import APT, header, library, program

_LOCK = "lock it anew: `invoke lock`, or the tool that keeps the project's lock"
_NO_RUN = "remove uvicorn.run() from the app; the image's CMD starts the server"
_CARRIAGE_RETURNS = "save it with LF, and keep it so: `* text=auto eol=lf` in .gitattributes"


@dataclass(frozen=True)
class Known:
    """`what` or `other` in the pattern is told in cause and cure.

    `in_build` is the cause and the cure in a build, where they are others. A `hint` is looked for in all of a log that
    names no error. `hides_the_app`: nobody gets an answer from an app that fails so.
    """

    pattern: str
    cause: str
    cure: str | Callable[[str], str]
    in_build: tuple[str, str] | None = None
    hint: bool = False
    hides_the_app: bool = False


FAILURES = (
    Known(
        r"No module named [\"']?(?P<what>[\w.]+)|Error: class uri '(?P<other>[\w.]+)",
        "the module {what} is not there: its package is not installed in the image, or the import path starts "
        "at another folder",
        "add the package to requirements.in and run `invoke lock` (or to the project's pyproject.toml); or import "
        "from the root of the shipped folder",
    ),
    Known(
        r"Could not import module \"(?P<what>[\w.]+)\"|from '(?P<other>[\w.]+):\w+', module not found",
        "the server finds no module {what}: it is not at the root of the shipped folder, or fails when imported",
        "move it to the root, or name the right `entry` in deploy.toml and in the Dockerfile's CMD",
    ),
    Known(
        r"Attribute \"(?P<what>[\w.]+)\" not found in module|Failed to find attribute '(?P<other>\w+)'"
        r"|from '[\w.]+:(?P<third>\w+)', application not found",
        "the module that is started has no variable {what}",
        "define it there, or name the right `entry` in deploy.toml and in the Dockerfile's CMD",
    ),
    Known(
        r"requires? \"?(?P<what>python-multipart)\"?"
        r"|(?P<other>email-validator|itsdangerous|jinja2) (?:is not|must be) installed",
        "the app needs the package {what}, which is not installed",
        "add {what} to requirements.in and run `invoke lock` (or to the project's pyproject.toml)",
    ),
    Known(
        r"Illegal option -$|\\r'|\^M|^\S+: (?:line )?\d+: : ?not found|(?:line )?\d+: \$?'?\\r|syntax error near .*\\r",
        "a script has carriage returns at the ends of its lines, as Windows writes them",
        _CARRIAGE_RETURNS,
    ),
    Known(
        r"(?:\d+: |exec )(?P<what>[\w.-]*/[\w./-]+|[\w-]+\.sh)(?: failed)?: (?:not found|[Nn]o such file)"
        r"|bad interpreter",
        "{what} is not in the image, or the program that its first line names is not: a carriage return at the end of "
        "that line makes such a name",
        "correct the path; or " + _CARRIAGE_RETURNS,
    ),
    Known(
        r"(?:\d+: |exec )(?P<what>[\w./-]+)(?: failed)?: [Pp]ermission denied",
        "{what} may not be executed",
        "RUN chmod +x {what} in the Dockerfile (COPY --chmod=755), or start it by sh {what}",
    ),
    Known(
        r"[Ee]xec format error",
        "what is started has no first line such as #!/bin/sh, or is made for another processor",
        "begin the script with #!/bin/sh; a program has to be the one for linux/amd64",
    ),
    Known(
        r"(?P<what>pg_config) executable not found|[Cc]annot find command '(?P<other>git)'"
        r"|command '(?:\S*/)?(?P<third>[\w+-]+)' failed: No such"
        r"|directory: '(?P<compiler>[\w-]*(?:gcc|g\+\+|cc|cmake|rustc))'"
        r"|\bexec: \"(?P<fourth>[\w.-]+)\""
        r"|^exec (?P<fifth>[\w.-]+) failed: No such|exec (?P<tini>[\w.-]+) failed: No such"
        r"|^(?:\S+: (?:line )?\d+: |\S*sh: )?(?P<sixth>[\w.+-]+): (?:command )?not found"
        r"|^\S*env: .(?P<seventh>[\w.+-]+).: No such",
        "{what} is not installed in the image",
        program,
    ),
    Known(
        r"(?P<what>\blib[\w+.-]+\.so[.\d]*): cannot open shared object file",
        "the system library {what}, which a package needs, is not in the image",
        library,
    ),
    Known(
        r"fatal error: (?P<what>[\w./-]+\.h): No such file",
        "a package is compiled, and the header {what} is not in the image",
        header,
    ),
    Known(
        r"E: Unable to locate package (?P<what>\S+)|E: Package '(?P<other>[^']+)' has no installation candidate",
        "apt knows no package {what}: its lists were not fetched in this RUN, or this Debian has it under another name",
        f"RUN {APT} {{what}}; its name: packages.debian.org",
    ),
    Known(
        r"E: (?:Could not open lock file|List directory .* is missing|.*are you root\?)",
        "apt-get is called by another user than root",
        "move this RUN above USER in the Dockerfile",
    ),
    Known(
        r"[Cc]onnection in use|[Aa]ddress already in use",
        "two servers want the same port: one is started by the app itself",
        _NO_RUN,
    ),
    Known(
        r"asyncio\.run\(\) cannot be called from a running event loop|Cannot run the event loop while another loop is",
        "the app starts a server while it is imported",
        _NO_RUN,
    ),
    Known(
        r"Option '(?P<what>--?[\w-]+)' requires an argument|argument (?P<other>--?[\w/, -]+): expected one argument",
        "{what} in the start command has no value: a variable that stands there is not set",
        "correct its name in the Dockerfile's CMD: --port ${{PORT:-7860}}",
    ),
    Known(
        r"[Rr]unning on http://(127\.0\.0\.1|localhost)",
        "the app listens on loopback, where the platform cannot reach it",
        "start the server with --host 0.0.0.0",
        hint=True,
        hides_the_app=True,
    ),
    Known(
        r"/run/secrets/(?P<what>[\w.-]+)",
        "the secret {what} is not mounted: it is a file only in a RUN of a build that mounts it",
        "read it from the environment variable {what}",
        in_build=(
            "the secret {what} is not mounted in this RUN, or has no value here",
            "RUN --mount=type=secret,id={what} …, and declare {what} under [secrets] in deploy.toml",
        ),
    ),
    Known(
        r"^(?=.*(?<![\w./-])/data(?![\w.-])).*(Permission denied|No such file or directory|Directory nonexistent)",
        "the app does not find, or may not write, what it wants in /data: a Space has it only with a mounted bucket",
        "write elsewhere, such as below /tmp; or mount a bucket at /data on the Space, and let the Dockerfile make the "
        "folder it covers (RUN install -d -o 1000 /data)",
    ),
    Known(
        r"Permission denied|attempt to write a readonly database",
        "the app writes where uid 1000 may not: a Space does not run as root",
        "write below /tmp, or give the folder to uid 1000 in the Dockerfile (COPY --chown, chown)",
        in_build=(
            "this RUN writes where the USER of the Dockerfile may not: {line}",
            "move it above USER, or give the folder to that user (COPY --chown, chown)",
        ),
    ),
    Known(
        r"unable to open database file",
        "the folder of SQLite's file is not there (/data is not, without a bucket), or uid 1000 may not write in it",
        "put it below /tmp, or into a folder that the Dockerfile makes and gives to uid 1000 (COPY --chown, chown)",
    ),
    Known(
        r"Read-only file system",
        "the app writes to a folder that is mounted read-only, as a repository is that is mounted on a Space",
        "write elsewhere, such as below /tmp",
    ),
    Known(
        r"DO NOT MATCH THE HASHES",
        "a package differs from the one that was locked",
        "run `invoke lock` and look at what moved",
    ),
    Known(
        r"(?:distribution found for|satisfies the requirement) (?P<what>\S+\+\S+)",
        "no index that pip asks has {what}: local versions, such as +cpu, lie on an index of their own",
        "name that index where it is pinned (--extra-index-url), or drop what follows the +",
    ),
    Known(
        r"No matching distribution found for (?P<what>\S+)"
        r"|Could not find a version that satisfies the requirement (?P<other>\S+)",
        "the index has no {what} for this Python and platform",
        "correct the version where it is pinned (requirements.in and `invoke lock`)",
    ),
    Known(
        r"(?:requirements file: .*|lockfile at |not found: |No such file or directory: |can't open file )[`'\"]"
        r"(?P<what>[^`'\"]+)|cannot (?:open|access) (?:'(?P<other>[^']+)'|(?P<third>[^:']+)): No such",
        "the file {what} is not in the image",
        "correct the path; COPY it in the Dockerfile; see that .dockerignore and .gitignore let it through",
        in_build=(
            "the file {what} is not in the image where this step looks for it",
            "COPY it before this RUN; see that .dockerignore and .gitignore let it through",
        ),
    ),
    Known(
        r"lockfile .*needs to be updated",
        "uv.lock is older than pyproject.toml",
        "run `uv lock` and commit it",
    ),
    Known(
        r"(dockerfile parse error|unknown instruction)",
        "the Dockerfile does not parse",
        "mend the line it names; `invoke check` finds it beforehand",
    ),
    Known(
        r"failed to compute cache key.*?\"(?P<what>[^\"]+)\".*not found|COPY failed: .*stat (?P<other>\S+?): ",
        "the Dockerfile copies {what}, which is not shipped",
        "correct the path, or take it out of .gitignore and .dockerignore",
    ),
    Known(r"[Nn]o space left on device", "the disk is full", "make the image smaller, or free space"),
    Known(
        r"\b(OOMKilled|MemoryError|Out of memory|Memory limit exceeded)\b",
        "the app needs more memory than the hardware has",
        "choose larger `hardware` in deploy.toml, or load less at start",
    ),
    Known(
        r"^(?P<what>(Syntax|Indentation|Tab)Error): ",
        "a Python file does not parse ({what})",
        "mend that line; `invoke check` names it beforehand",
    ),
    Known(
        r"connection to server at .* failed|could not translate host name|Connection refused|Name or service not known",
        "the app cannot reach its database or another service",
        "compare its address (DATABASE_URL and the like) with the service's; a Space reaches "
        "ports 80, 443 and 8080 only",
    ),
)
