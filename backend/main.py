"""What the image starts: `uvicorn main:app`. Where it listens is the server's business, not the app's."""

from pathlib import Path

from app.config import load_settings
from app.factory import create_app, read_revision

app = create_app(load_settings(), revision=read_revision(Path(__file__).parent))
