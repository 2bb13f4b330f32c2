"""The API to try out: Swagger UI from a package's files, without a CDN and without a script in the page."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

# Addresses are relative, so that it works wherever a proxy puts it.
PAGE = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Task service: the API</title>
  <link rel="icon" href="assets/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="docs/files/swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="docs/files/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
"""
START = """\
SwaggerUIBundle({
  url: new URL("openapi.json", document.baseURI).href,
  dom_id: "#swagger-ui",
  deepLinking: true,
  layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
});
"""

files = StaticFiles(packages=[("fastapi_swagger", "resources")])

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
async def docs() -> str:
    return PAGE


@router.get("/docs/start.js")
async def start() -> Response:
    return Response(START, media_type="text/javascript")
