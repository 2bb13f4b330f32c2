"""The routes of the Hub, a file a subject."""

from __future__ import annotations

from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import (
    admin,
    commit,
    git,
    identity,
    info,
    lfs,
    logs,
    metrics,
    moving,
    oauth,
    pages,
    refs,
    repos,
    resolve,
    runtime,
    settings,
    tree,
)

_SUBJECTS = (
    *(identity, repos, moving, runtime, logs, metrics, settings, commit, tree, refs, info, lfs, resolve, git),
    *(oauth, pages, admin),
)
ROUTES: tuple[Route, ...] = tuple(route for subject in _SUBJECTS for route in subject.ROUTES)
