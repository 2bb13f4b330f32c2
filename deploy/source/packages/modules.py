"""Names of modules by the distribution that brings them, where the one does not follow from the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_KNOWN = """
antlr4-python3-runtime: antlr4; argon2-cffi: argon2; attrs: attr; beautifulsoup4: bs4; biopython: Bio
brotlipy: brotli; cassandra-driver: cassandra; chroma-hnswlib: hnswlib; composio-core: composio
cython: Cython pyximport; django-environ: environ; dnspython: dns; faiss-cpu: faiss; faiss-gpu: faiss
fastapi-utils: fastapi_restful; gdal: osgeo; gitpython: git gitdb; google-api-python-client: apiclient googleapiclient
google-search-results: serpapi; grpcio-status: grpc_status; grpcio: grpc; imbalanced-learn: imblearn; ipython: IPython
kafka-python-ng: kafka; levenshtein: Levenshtein; matplotlib: mpl_toolkits pylab; mysql-connector-python: mysql
mysql-connector: mysql; mysqlclient: MySQLdb _mysql; netcdf4: netCDF4; newspaper3k: newspaper; newspaper4k: newspaper
nvidia-ml-py: pynvml; onnxruntime-gpu: onnxruntime; openai-clip: clip; openai-whisper: whisper
opencv-python-headless: cv2; opencv-contrib-python-headless: cv2; opencv-contrib-python: cv2; opencv-python: cv2
paho-mqtt: paho; pdfminer-six: pdfminer; pillow: PIL; protobuf: google; psycopg2-binary: psycopg2
psycopg: psycopg_pool; py-cord: discord; pycryptodome: Crypto; pycryptodomex: Cryptodome
pydantic-ai-slim: pydantic_ai; pygithub: github; pyjwt: jwt; pymongo: bson gridfs; pymupdf: fitz; pyopenssl: OpenSSL
pypdf2: PyPDF2; pyserial: serial; pysocks: sockshandler; pytelegrambotapi: telebot; python-dateutil: dateutil
python-decouple: decouple; python-docx: docx; python-dotenv: dotenv; python-jose: jose
python-levenshtein: Levenshtein; python-magic: magic; python-memcached: memcache; python-multipart: multipart
python-pptx: pptx; python-slugify: slugify; python-socketio: socketio; python-telegram-bot: telegram
python-xlib: Xlib; pywin32: win32api win32con pythoncom; pyyaml: yaml; pyzmq: zmq; readability-lxml: readability
redis-om: aredis_om; scikit-image: skimage; scikit-learn: sklearn; scikit-optimize: skopt; scikit-surprise: surprise
setuptools: pkg_resources; speechrecognition: speech_recognition; tencentcloud-sdk-python: tencentcloud
tensorflow-cpu: tensorflow; tortoise-orm: tortoise; umap-learn: umap
"""
"""`<distribution>: <modules>`, as their wheels have them: where `_guesses` does not find them, or where a module's own
name would be another project's. Of several that bring a module, the one to advise stands first."""

KNOWN: Mapping[str, tuple[str, ...]] = {
    name.strip(): tuple(modules.split())
    for name, _, modules in (row.partition(":") for row in re.split(r"[;\n]", _KNOWN.strip()))
}
_PREFIXES = ("python-", "py-", "py")
_SUFFIXES = ("-python", "-py", "-client", "-sdk", "-binary", "-lib", "3", "2")
_NAMESPACES = (
    *("azure", "backports", "google", "jaraco", "livekit", "llama-index", "opentelemetry", "ruamel", "sphinxcontrib"),
    "zope",
)
"""First names that many distributions share: google-cloud-storage is google.cloud.storage."""


def modules_of(distribution: str, declared: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Modules a distribution may bring: as known, as `declared`, one or a list, and as such names usually come to be.

    A guess too many hides a missing package at worst, and the container that boots next tells.
    """
    own = (declared or {}).get(distribution, ())
    more = (own,) if isinstance(own, str) else own
    return tuple(dict.fromkeys((*more, *KNOWN.get(distribution, ()), *_guesses(distribution))))


def distribution_for(module: str) -> str | None:
    """The distribution known to bring a module. None: its name may be anybody's, the module's own included."""
    return next((name for name, modules in KNOWN.items() if module in modules), None)


def _guesses(distribution: str) -> Iterator[str]:
    names = [distribution]
    names += [distribution.removeprefix(prefix) for prefix in _PREFIXES]
    names += [distribution.removesuffix(suffix) for suffix in _SUFFIXES]
    for name in filter(None, names):
        yield name.replace("-", "_")
        yield name.replace("-", "")
    for namespace in _NAMESPACES:
        if distribution.startswith(f"{namespace}-"):
            yield namespace.replace("-", "_")
