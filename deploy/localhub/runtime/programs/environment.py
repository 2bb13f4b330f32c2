"""What a program that the Hub starts gets of the Hub's own environment: search path, language, network, and no more.

The environment of whoever started the Hub may hold tokens and passwords that no app has a right to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.network import passed_on

_PASSED = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")
_INSTALLER = ("HOME", "NETRC", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS")
"""Where pip looks for its cache, its configuration and its credentials."""


def for_app(environ: Mapping[str, str], *first: Path) -> dict[str, str]:
    """For an app: `first` are folders of programs that come before all others."""
    passed = {name: environ[name] for name in _PASSED if name in environ}
    return {**passed, **passed_on(environ), "PATH": os.pathsep.join([*map(str, first), *_search_path(environ)])}


def for_installer(environ: Mapping[str, str]) -> dict[str, str]:
    """For pip: its settings and its cache as well."""
    own = {name: value for name, value in environ.items() if name in _INSTALLER or name.startswith("PIP_")}
    return {**for_app(environ), **own}


def _search_path(environ: Mapping[str, str]) -> list[str]:
    """PATH without the Hub's own virtual environment, whose programs would hide that an app's are missing."""
    path = environ.get("PATH", os.defpath).split(os.pathsep)
    if sys.prefix == sys.base_prefix:
        return path
    hub = Path(sys.prefix).resolve()
    return [folder for folder in path if folder and not Path(folder).resolve().is_relative_to(hub)]
