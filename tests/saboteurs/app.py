"""The backend with one saboteur in it, named by SABOTEUR; without one it is the backend as it is.

Served as `uvicorn tests.saboteurs.app:app` from the folder of the backend.
"""

from __future__ import annotations

import os
from importlib import import_module

from starlette.types import ASGIApp

from tests.saboteurs.live.everyone import LIVE

_BY_NAME = {saboteur.name: saboteur for saboteur in LIVE}


def _sabotaged(app: ASGIApp, name: str) -> ASGIApp:
    return _BY_NAME[name].sabotage(app) if name else app


app: ASGIApp = _sabotaged(import_module("main").app, os.environ.get("SABOTEUR", ""))
