"""The values of environment markers (PEP 508) in an image."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.markers import default_environment

MACHINE = "x86_64"
"""What Spaces run on (the Hub's page on Spaces hardware lists no other processor)."""


def image_environment(python: str | None) -> Mapping[str, str]:
    """Those of a Linux container with this Python (`3.13`); of None those of this Python on this machine."""
    here = {name: str(value) for name, value in default_environment().items()}
    return (
        here
        if python is None
        else here
        | {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_machine": MACHINE,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": "linux",
        }
    )
