"""What well-known distributions bring with them: for requirement files that name only what is used directly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_BRINGS = """
aiohttp: aiohappyeyeballs aiosignal attrs frozenlist multidict propcache yarl
aiosqlite: typing-extensions
alembic: sqlalchemy mako typing-extensions
anyio: idna sniffio typing-extensions
argon2-cffi: argon2-cffi-bindings
asyncpg:
bcrypt:
beautifulsoup4: soupsieve typing-extensions
boto3: botocore jmespath s3transfer python-dateutil urllib3
celery: kombu billiard vine click
cryptography: cffi
email-validator: dnspython idna
fastapi: starlette pydantic typing-extensions anyio
fastapi[all]: fastapi[standard] itsdangerous pyyaml ujson orjson pydantic-settings pydantic-extra-types
fastapi[standard]: uvicorn[standard] fastapi-cli httpx jinja2 python-multipart email-validator
fastapi-cli: typer rich uvicorn rich-toolkit
gunicorn: packaging
h11:
httpx: httpcore anyio certifi idna h11 sniffio
hypercorn: h11 h2 priority wsproto
itsdangerous:
jinja2: markupsafe
loguru:
mangum: typing-extensions
numpy:
openai: httpx pydantic anyio tqdm distro jiter sniffio typing-extensions
orjson:
packaging:
pandas: numpy python-dateutil pytz tzdata
passlib:
passlib[argon2]: argon2-cffi
passlib[bcrypt]: bcrypt
pillow:
prometheus-client:
prometheus-fastapi-instrumentator: prometheus-client starlette
psycopg: typing-extensions
psycopg[binary]: psycopg psycopg-binary
psycopg[pool]: psycopg psycopg-pool
psycopg-binary:
psycopg2:
psycopg2-binary:
pwdlib:
pwdlib[argon2]: argon2-cffi
pwdlib[bcrypt]: bcrypt
pydantic: pydantic-core annotated-types typing-extensions typing-inspection
pydantic[email]: email-validator
pydantic-settings: pydantic python-dotenv
pyjwt:
pyjwt[crypto]: cryptography
python-dateutil: six
python-decouple:
python-dotenv:
python-jose: ecdsa rsa pyasn1
python-jose[cryptography]: cryptography ecdsa rsa pyasn1
python-multipart:
pyyaml:
redis:
requests: urllib3 certifi idna charset-normalizer
rich: markdown-it-py pygments
scikit-learn: numpy scipy joblib threadpoolctl
scipy: numpy
slowapi: limits
sqlalchemy: typing-extensions
sqlalchemy[asyncio]: greenlet
sqlmodel: sqlalchemy pydantic typing-extensions
sse-starlette: starlette anyio
starlette: anyio typing-extensions
structlog:
tenacity:
tqdm:
typer: click rich shellingham typing-extensions
uvicorn: click h11 typing-extensions
uvicorn[standard]: httptools python-dotenv pyyaml uvloop watchfiles websockets
websockets:
"""
"""`<distribution>[<extra>]: <what its metadata requires>`; an empty right side is "nothing"."""

BRINGS: Mapping[str, tuple[str, ...]] = {
    name: tuple(names.split()) for name, _, names in (line.partition(":") for line in _BRINGS.strip().splitlines())
}


_KNOWN = {*BRINGS, *(name for names in BRINGS.values() for name in names)}


def with_dependencies(wanted: Iterable[tuple[str, frozenset[str]]]) -> tuple[frozenset[str], bool]:
    """All that these distributions (name, extras) install as far as known, and whether that is all there is."""
    waiting = [key for name, extras in wanted for key in (name, *(f"{name}[{extra}]" for extra in extras))]
    found: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += [key.partition("[")[0], *BRINGS.get(key, ())]
    names = frozenset(key.partition("[")[0] for key in found)
    return names, names <= _KNOWN
