"""The routes of the Hub, a file a subject."""

from __future__ import annotations

from deploy.localhub.routes import admin, commit, identity, info, refs, repos, runtime, settings, tree

ROUTES = (
    *identity.ROUTES,
    *repos.ROUTES,
    *runtime.ROUTES,
    *settings.ROUTES,
    *commit.ROUTES,
    *tree.ROUTES,
    *refs.ROUTES,
    *info.ROUTES,
    *admin.ROUTES,
)
