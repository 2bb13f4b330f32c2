"""What the image starts: `uvicorn main:app`. Where it listens is the server's business, not the app's."""

import logging
import sys
from io import TextIOWrapper
from pathlib import Path

from app.config import load_settings
from app.edge import logs
from app.factory import create_app, read_revision

if isinstance(sys.stdout, TextIOWrapper):
    sys.stdout.reconfigure(line_buffering=True)  # a line is in the log when it is written, also through a pipe
revision = read_revision(Path(__file__).parent)
logs.install(revision)
settings = load_settings()
logging.getLogger().setLevel(settings.log_level.upper())
app = create_app(settings, revision=revision, write=sys.stdout.write)
