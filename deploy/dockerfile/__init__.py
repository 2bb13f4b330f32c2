"""A Dockerfile as a value: its instructions by line, and what its last stage leaves to be run.

Rules: the Dockerfile reference of docs.docker.com, and BuildKit's parser where the reference is silent.
"""

from __future__ import annotations

from deploy.dockerfile.evaluate import parse
from deploy.dockerfile.instructions import DockerfileError, Heredoc, Instruction
from deploy.dockerfile.stages import Copy, Dockerfile, Stage, Start

__all__ = ["Copy", "Dockerfile", "DockerfileError", "Heredoc", "Instruction", "Stage", "Start", "parse"]
