"""A backend without accounts or a collection, as many Spaces are: one thing goes in, one comes out."""

from __future__ import annotations

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from tests.strangers.manners import mind

app = FastAPI(title="Predict")
mind(app)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=1_000)


class Predicted(BaseModel):
    label: str
    score: float


class Problem(BaseModel):
    detail: str


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "well"}


@app.post("/predict", responses={400: {"model": Problem}, 413: {"model": Problem}})
def predict(asked: Asked) -> Predicted:
    return Predicted(label="long" if len(asked.text) > 10 else "short", score=1.0)
