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
    "placeholder in capitals": Fault(
        code("JWT_SECRET_KEY = 'YOUR_JWT_SECRET_HERE'"), "T007", "secret-placeholder", FIFTH, "warning"
    ),
    "placeholder in capitals to fall back on": Fault(
        code("key = os.environ.get('SESSION_SECRET') or 'CHANGEME'\nSESSION_SECRET = os.getenv('X', 'CHANGEME')"),
        "T007", "secret-fallback", "backend/main.py:6", "warning",
    ),
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


@pytest.mark.parametrize(
    ("value", "level"), [("Secret123!", "warning"), ("Tr0ub4dor&3", "warning"), (made_up(24), "error")]
)
def test_a_password_of_a_script_apart_is_certain_only_when_it_was_made_by_chance(
    value: str, level: str, project: Make
) -> None:
    demo = f"import requests\n\nrequests.post('http://localhost:8000', json={{'password': {value!r}}})\n"
    [finding] = project(backend({"tools/demo.py": demo})).check_task("T007")
    assert (finding.code, finding.level) == ("secret-literal", level)


def test_an_env_file_that_git_keeps_is_told_how_to_leave_it(project: Make) -> None:
    [finding] = project(backend({".env": "A=1\n"})).check_task("T007")
    assert "git rm --cached" in finding.cure


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


LOCKED = """[[package]]
name = "hf-xet"
version = "1.1.10"
{line}
wheels = [
    {{ url = "https://files.example.org/hf_xet-1.1.10-cp37-abi3-manylinux_2_28_x86_64.whl", hash = "sha256:{hash}" }},
    {{ url = "https://files.example.org/hf_xet-1.1.10-cp313-cp313t-musllinux_1_2_aarch64.musllinux_1_1_aarch64.whl" }},
]
"""
"""What stands in the locks of uv, Poetry and PDM, names of files that begin as tokens do among it."""
NAMES = (
    "hf_transfer-0.1.9-cp38-abi3-macosx_10_12_x86_64.macosx_11_0_arm64.macosx_10_12_universal2.whl",
    "hf_olmo_instruct_tokenizers-0.5.0rc1.post2-py3-none-any",
    "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",
    f"hf_{made_up(32, HEX)}",
    f"hf_{made_up(40, HEX)}/model.safetensors",
    "hf_oauth_expiration_minutes_of_the_space.v2",
    "api_org_members_of_the_team_and_their_v2_rights",
    "ghs_sessions_of_the_runner_by_their_names",
    "github_pat_rotation_of_every_month_in_the_team_v2",
    "sk-admin-portal-frontend-v2-production-europe-west-1",
    "sk-ant-colony-"
    + "-".join(["optimization-2opt-variants", "of-the-travelling-salesman", "cp313-manylinux2014"] * 2),
    "dckr_pat_rotation-2.0.1-cp311-cp311-win_amd64.whl",
    "nvapi-client-" + "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64-" * 2 + "whl",
    "pcsk_index_of_the_documents_by_their_topics_and_the_years_2024_and_2025_v2",
    "sb_secret_key_for_the_service_role_v2_client",
    "glrt-runner-of-the-team-v2-production",
    "NotificationServiceHandle.models.some_quite_long_test_name_x",
    "1700000000:a-row-of-the-cache-by-its-name-2024x",
    "xoxb-2024-10-reports",
    "550e8400-e29b-41d4-a716-446655440000",
    f"aws-token-provider': '{made_up(40, HEX)}",
    f"sha512-{made_up(86)}==",
    f"https://cdn.example.org/AC{made_up(64, HEX)}.js",
)


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pdm.lock", "app/wheels.py", "notes.txt"])
def test_names_that_begin_as_tokens_do_are_left_alone(name: str, project: Make) -> None:
    lines = "\n".join(f"# '{one}'" for one in NAMES)
    text = lines if name.endswith(".py") else LOCKED.format(line=lines, hash=made_up(64, HEX))
    assert project(backend({name: text})).check_task("T007") == ()


@pytest.mark.parametrize(
    "token",
    [
        f"hf_{made_up(34, string.ascii_letters)}",
        f"hf_oauth_{jwt({'sub': 'x', 'exp': 1})}",
        f"hf_jwt_{jwt({'sub': 'x'})}",
        f"api_org_{made_up(34, string.ascii_letters)}",
        f"ghp_{made_up(36)}",
        f"github_pat_{made_up(22)}_{made_up(59)}",
        f"glpat-{made_up(20)}",
        f"sk-proj-{made_up(74)}T3BlbkFJ{made_up(74)}",
        f"sk_live_{made_up(99)}",
        f"nvapi-{made_up(30)}-{made_up(33)}",
        f"pcsk_{made_up(6)}_{made_up(63)}",
        f"sb_secret_{made_up(22)}_{made_up(8)}",
        f"dckr_pat_{made_up(27)}",
        f"AKIA{made_up(16, string.ascii_uppercase)}",
        f"MT{made_up(22)}.{made_up(6)}.{made_up(27)}",
        f"SG.{made_up(22)}.{made_up(43)}",
        f"bot{made_up(10, string.digits)}:AA{made_up(33)}",
    ],
)
@pytest.mark.parametrize("where", ["https://{}@files.example.org/simple", "https://api.example.org/{}/x", "'{}'"])
def test_a_token_in_a_lock_is_found(token: str, where: str, project: Make) -> None:
    line = f'source = {{ url = "{where.format(token)}" }}  # ghp, glpat, hf_'
    found = project(backend({"uv.lock": LOCKED.format(line=line, hash=made_up(64, HEX))})).check_task("T007")
    assert [(one.code, one.place) for one in found] == [("credential", "uv.lock:4")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.example", "JWT_SECRET=your-secret-here\nDB_PASSWORD=my-Super-password-123\n"),
        ("docker-compose.yml", "environment:\n  POSTGRES_PASSWORD: postgres\n  JWT_SECRET: ${JWT_SECRET}\n"),
        ("web/demo.ts", "const text = 'API_KEY=\\nMAIL_API_KEY=\\nSEARCH_API_KEY=\\n';\n"),
        ("docs/setup.http", "body: 'CLIENT_SECRET=\\tSESSION_SECRET=\\tSTATE='\n"),
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
