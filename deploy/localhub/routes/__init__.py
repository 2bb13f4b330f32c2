"""The routes of the Hub, a file a subject."""

from __future__ import annotations

from deploy.localhub.routes import (
    admin,
    commit,
    git,
    identity,
    info,
    lfs,
    listing,
    logs,
    metrics,
    moving,
    oauth,
    pages,
    passes,
    refs,
    repos,
    resolve,
    runtime,
    settings,
    tree,
)

ROUTES = (
    *identity.ROUTES,
    *repos.ROUTES,
    *moving.ROUTES,
    *listing.ROUTES,
    *runtime.ROUTES,
    *logs.ROUTES,
    *metrics.ROUTES,
    *passes.ROUTES,
    *settings.ROUTES,
    *commit.ROUTES,
    *tree.ROUTES,
    *refs.ROUTES,
    *info.ROUTES,
    *lfs.ROUTES,
    *resolve.ROUTES,
    *git.ROUTES,
    *oauth.ROUTES,
    *pages.ROUTES,
    *admin.ROUTES,
)
