"""OpenTelemetry, which FastAPI speaks itself, when the environment says where to send it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from fastapi.telemetry import TelemetryConfig

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
SIGNALS = ("TRACES", "METRICS", "LOGS")
OFF = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


def config(environ: Mapping[str, str] = os.environ) -> TelemetryConfig:
    """On when one of the specification's variables for an endpoint is set, and then set up by the others of them.

    Off, nothing of the SDK is imported and no request is looked at.
    https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    """
    named = (ENDPOINT, *(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT" for signal in SIGNALS))
    if not any(environ.get(name) for name in named):
        return OFF
    return TelemetryConfig(auto_configure=True)
