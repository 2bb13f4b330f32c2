"""T007: secrets in what is shipped. Every value that looks like one is made up while the test runs."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Mapping

import pytest

from tests.unit.source.backends import APP, CMD_LINE, Fault, backend, dockerfile, made_up
from tests.unit.source.conftest import Make, said

HEX = "0123456789abcdef"
KEY = made_up(48)


def code(line: str) -> dict[str, str]:
    """A main.py with one line more, the fifth."""
    return backend({"main.py": f"import os\n{APP}{line}\n"})


def jwt(claims: Mapping[str, object]) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    head = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{made_up(43)}"


FIFTH = "backend/main.py:5"
LITERALS: Mapping[str, Fault] = {
    "random": Fault(code(f"SECRET_KEY = '{KEY}'"), "T007", "secret-literal", FIFTH),
    "bytes": Fault(code(f"SECRET_KEY = b'{KEY}'"), "T007", "secret-literal", FIFTH),
    "hexadecimal": Fault(code(f"jwt_secret: str = '{made_up(64, HEX)}'"), "T007", "secret-literal", FIFTH),
    "word": Fault(code("jwt_secret = 'supersecretkey'"), "T007", "secret-literal", FIFTH),
    "my own word": Fault(code("SECRET_KEY = 'my_secret_key'"), "T007", "secret-literal", FIFTH),
    "wrapped": Fault(code(f"settings = dict(api_key=SecretStr('{KEY}'))"), "T007", "secret-literal", FIFTH),
    "encoded": Fault(code(f"SIGNING_KEY = '{KEY}'.encode()"), "T007", "secret-literal", FIFTH),
    "attribute": Fault(code(f"app.state.secret = '{KEY}'"), "T007", "secret-literal", FIFTH),
    "environment": Fault(code(f"os.environ['API_KEY'] = '{KEY}'"), "T007", "secret-literal", FIFTH),
    "keyword": Fault(code(f"app.connect(password='{made_up(12)}')"), "T007", "secret-literal", FIFTH),
    "mapping": Fault(code(f"OPTIONS = {{'clientSecret': '{KEY}'}}"), "T007", "secret-literal", FIFTH),
    "parameter": Fault(code("def login(password='hunter2'): ..."), "T007", "secret-literal", FIFTH),
    "signing": Fault(
        code(f"import jwt\njwt.encode({{}}, '{KEY}', 'HS256')"), "T007", "secret-literal", "backend/main.py:6"
    ),
    "app password of mail": Fault(code("SMTP_PASSWORD = 'kqzv wmlp rtyu nbhd'"), "T007", "secret-literal", FIFTH),
    "compared": Fault(code("ok = os.sys.argv.password == 'Tr0ub4dor&3'"), "T007", "secret-literal", FIFTH),
    "token under a weak name": Fault(code(f"TOKEN = '{KEY}'"), "T007", "secret-literal", FIFTH),
    "placeholder": Fault(code("SECRET_KEY = 'change-me'"), "T007", "secret-placeholder", FIFTH, "warning"),
    "long placeholder": Fault(
        code("SECRET_KEY = 'your-256-bit-secret-change-this-in-production'"),
        "T007", "secret-placeholder", FIFTH, "warning",
    ),
    "placeholder with digits": Fault(
        code("API_KEY = 'sk-your-api-key-here-a1b2c3d4e5'"), "T007", "secret-placeholder", FIFTH, "warning"
    ),
    "fallback": Fault(
        code("SECRET_KEY = os.getenv('SECRET_KEY', 'dev-secret')"), "T007", "secret-fallback", FIFTH, "warning"
    ),
    "fallback after or": Fault(
        code("SECRET_KEY = os.getenv('SECRET_KEY') or 'supersecret'"), "T007", "secret-fallback", FIFTH, "warning"
    ),
    "real fallback under any name": Fault(
        code(f"KEY = os.environ.get('JWT_KEY', '{KEY}')"), "T007", "secret-fallback", FIFTH
    ),
}  # fmt: skip
FILES: Mapping[str, Fault] = {
    "token of the Hub": Fault(
        backend({"notes.txt": f"first\nuse hf_{made_up(34, string.ascii_letters)} for now\n"}),
        "T007", "credential", "backend/notes.txt:2",
    ),
    "token in a file without suffix": Fault(
        backend({"DEPLOY": f"ghp_{made_up(36)}\n"}), "T007", "credential", "backend/DEPLOY:1"
    ),
    "token in a binary file": Fault(
        backend() | {"cache.db": b"\xff\x00" + f"AKIA{made_up(16, string.ascii_uppercase)}".encode() + b"\x00"},
        "T007", "credential", "backend/cache.db:1",
    ),
    "token in a test": Fault(
        backend({"tests/test_api.py": f"KEY = 'sk-ant-api03-{made_up(93)}AA'\n"}),
        "T007", "credential", "backend/tests/test_api.py:1",
    ),
    "token of a cloud": Fault(
        backend({"web/app.js": f"const firebase = 'AIza{made_up(35)}'\n"}), "T007", "credential", "backend/web/app.js:1"
    ),
    "private key": Fault(
        backend({"key.txt": "-----BEGIN RSA " + f"PRIVATE KEY-----\n{made_up(64)}\n"}),
        "T007", "credential", "backend/key.txt:1",
    ),
    "private key in JSON": Fault(
        backend({"account.json": '{"key": "-----BEGIN ' + f'PRIVATE KEY-----\\n{made_up(64)}"}}\n'}),
        "T007", "credential", "backend/account.json:1",
    ),
    "database address": Fault(
        code(f"URL = 'postgresql://app:{made_up(16)}@db.internal.net/app'"), "T007", "credential", FIFTH
    ),
    "database address of this machine": Fault(
        code(f"URL = 'postgresql://app:{made_up(16)}@localhost/app'"), "T007", "local-password", FIFTH, "warning"
    ),
    "token for ever": Fault(code(f"SEEN = '{jwt({'sub': 'x'})}'"), "T007", "credential", FIFTH),
    "token that ends": Fault(code(f"SEEN = '{jwt({'exp': 1})}'"), "T007", "credential", FIFTH, "warning"),
    "settings file": Fault(
        backend({"config.yaml": f"name: x\njwt_secret: {made_up(32)}\n"}),
        "T007", "secret-literal", "backend/config.yaml:2",
    ),
    "example with a real value": Fault(
        backend({".env.example": f"JWT_SECRET={made_up(40)}\n"}), "T007", "secret-literal", "backend/.env.example:1"
    ),
    "image layer": Fault(
        backend({"Dockerfile": dockerfile(middle=f"ENV API_KEY={made_up(24)}\n")}), "T007", "secret-in-image", CMD_LINE
    ),
    "build argument": Fault(
        backend({"Dockerfile": dockerfile(middle=f"ARG DB_PASSWORD={made_up(12)}\n")}),
        "T007", "secret-in-image", CMD_LINE,
    ),
    "key store": Fault(backend() | {"cert.p12": b"\x30\x82"}, "T007", "key-store", "backend/cert.p12"),
    ".env file": Fault(backend({".env": "A=1\n"}), "T007", "env-file", "backend/.env"),
    ".env file deeper": Fault(backend({"app/.env.local": "A=1\n"}), "T007", "env-file", "backend/app/.env.local"),
}  # fmt: skip


@pytest.mark.parametrize("fault", [*LITERALS.values(), *FILES.values()], ids=[*LITERALS, *FILES])
def test_a_secret_is_found_where_it_is(fault: Fault, project: Make) -> None:
    found = project(fault.files).check_task("T007")
    assert [(task, code, f"backend/{place}", level) for task, code, place, level in said(found)] == fault.expected


def test_a_finding_never_shows_the_secret(project: Make) -> None:
    files = code(f"SECRET_KEY = '{KEY}'\nTOKEN = 'hf_{made_up(34)}'\nURL = 'redis://:{made_up(20)}@cache.net'")
    found = project(files).check_task("T007")
    assert len(found) == 3
    for value in (KEY, made_up(34), made_up(20)):
        assert not [finding for finding in found if value[:8] in str(finding.as_document())]


HARMLESS = (
    "SECRET_KEY = ''",
    "SECRET_KEY = os.environ['SECRET_KEY']",
    "SECRET_KEY = os.getenv('SECRET_KEY')",
    "SECRET_KEY = os.getenv('SECRET_KEY', '')",
    "SECRET_NAME = 'JWT_SECRET'",
    "settings = {'secret_key': 'SECRET_KEY'}",
    "password_field = 'password'",
    "token_type = 'bearer'",
    "tokenUrl = 'api/v1/login'",
    "API_KEY_HEADER = 'X-API-Key'",
    "api_key = 'X-API-Key'",
    "MESSAGES = {'invalid_password': 'Wrong name or password'}",
    "MESSAGES = {'password': 'Must have eight characters'}",
    "password = f'{prefix}-x'",
    "SECRET_FILE = '/run/secrets/jwt'",
    "secret = '/run/secrets/jwt'",
    "hashed_password = '$2b$12$KIXQ9zQh0m3T1d4h1u5g6e'",
    "body = password_bytes = password.encode('utf-8')[:72]",
    "public_key = 'ssh-ed25519 AAAA'",
    "fake_password = 'abcDEF123!xyz'",
    "FIELDS = {'visitor_password': 'user_password'}",
    "ok = token_type == 'bearer'",
    "ok = SECRET_KEY == 'changeme'",
    "Field(example={'password': 'aB3$efGh9'})",
    "model_config = {'json_schema_extra': {'example': {'password': 'aB3$efGh9'}}}",
    "class Grant(str, Enum):\n    PASSWORD = 'password'\n    CLIENT_SECRET = 'client-secret'",
    "PEM = '-----BEGIN " + "PRIVATE KEY-----'",
    "DOCS = 'postgresql://user:password@host:5432/database'",
    "DOCS = 'https://user:pass@example.com'",
    "DOCS = 'hf_" + "x" * 34 + "'",
    f"DOCS = 'hf_example{made_up(27, string.ascii_letters)}'",
    f"DIGEST = '{made_up(9)}AKIA{made_up(16, string.ascii_uppercase)}{made_up(9)}'",
    "token = '0123456789abcdef0123456789'",
    "KEY_ID = 'AKIA" + "IOSFODNN7EXAMPLE'",
    "LONG_TOKEN_NAME = 'access_token_cookie_name'",
    "token = 'refresh_token'",
    "password: str = Field(min_length=8, description='Your password')",
)


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_looks_like_a_secret_is_left_alone(line: str, project: Make) -> None:
    assert project(code(line)).check_task("T007") == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.example", "JWT_SECRET=your-secret-here\nDB_PASSWORD=my-Super-password-123\n"),
        ("docker-compose.yml", "environment:\n  POSTGRES_PASSWORD: postgres\n  JWT_SECRET: ${JWT_SECRET}\n"),
        ("alembic.ini", "sqlalchemy.url = driver://user:pass@localhost/dbname\n"),
        ("web/i18n.json", '{"password": "Kennwort", "token": "Token"}\n'),
        ("web/login.js", "const token = localStorage.getItem('token');\nfetch(url, {password: form.password})\n"),
        ("requirements.txt", "fastapi==0.115.0\nuvicorn==0.30.0\n"),
        ("docs/auth.md", f"Send `{jwt({'sub': 'x'})}` in the header.\n"),
        ("package-lock.json", '{"integrity": "sha512-' + made_up(80) + '", "token": "' + made_up(40) + '"}\n'),
        (".github/workflows/ci.yml", "env:\n  HF_TOKEN: ${{ secrets.HF_TOKEN }}\n"),
        ("tests/fixtures.json", '{"password": "Tr0ub4dor&3x"}\n'),
        (".env.local.example", "A=1\n"),
    ],
)
def test_other_files_that_hold_none(path: str, text: str, project: Make) -> None:
    assert project(backend({path: text})).check_task("T007") == ()
