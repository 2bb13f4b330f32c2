"""Headers, origins, TLS at the proxy, throttling, and no secret in any answer or log."""

from __future__ import annotations

import re

from deploy.http import Answer
from deploy.verify import acts
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.subject import Subject
from deploy.verify.transport import transport

MOST_ATTEMPTS = 60
"""Wrong passwords for one account after which a login must have been throttled."""
FRAMES = "frame-ancestors"

_STRANGER = "https://stranger.example"
_DEBUG = re.compile(r"Traceback \(most recent|debugger|Werkzeug|\bDEBUG = True")


def _run(subject: Subject) -> Seen:
    assertions = Assertions()
    if subject.scenario.page:
        _page_headers(subject, subject.site.ask(subject.scenario.page), assertions)
    _headers(subject, assertions)
    _origins(subject, assertions)
    transport(subject, assertions)
    if subject.scenario.login:
        _throttling(subject, assertions)
    _nothing_hidden_is_told(subject, assertions)
    return assertions.seen("measures held")


def _page_headers(subject: Subject, page: Answer, assertions: Assertions) -> None:
    policy = page.headers.get("content-security-policy", "")
    assertions.expect(bool(policy), f"{subject.scenario.page}: no Content-Security-Policy")
    assertions.expect(
        "script-src" in policy and "'unsafe-inline'" not in policy and "'unsafe-eval'" not in policy,
        f"{subject.scenario.page}: the Content-Security-Policy lets inline scripts run",
    )
    embedded = FRAMES in policy and "huggingface.co" in policy.partition(FRAMES)[2].partition(";")[0]
    assertions.expect(embedded, f"{subject.scenario.page}: {FRAMES} does not name huggingface.co, which embeds Spaces")
    assertions.expect(
        "x-frame-options" not in page.headers, f"{subject.scenario.page}: X-Frame-Options hides the Space"
    )


def _headers(subject: Subject, assertions: Assertions) -> None:
    for path in filter(None, (subject.scenario.page, subject.app.health)):
        headers = subject.site.ask(path).headers
        nosniff = headers.get("x-content-type-options") == "nosniff"
        assertions.expect(nosniff, f"{path}: no X-Content-Type-Options: nosniff")
        assertions.expect("referrer-policy" in headers, f"{path}: no Referrer-Policy")
        quiet = "/" not in headers.get("server", "")
        assertions.expect(quiet, f"{path}: the server tells which it is")


def _origins(subject: Subject, assertions: Assertions) -> None:
    asked = {"Origin": _STRANGER, "Access-Control-Request-Method": "GET"}
    for path in filter(None, (subject.app.health, subject.scenario.items)):
        for method, headers in (("OPTIONS", asked), ("GET", {"Origin": _STRANGER})):
            allowed = subject.site.ask(path, method, headers=headers).headers.get("access-control-allow-origin")
            assertions.expect(allowed is None, f"{method} {path} from {_STRANGER}: allowed ({allowed})")


def _throttling(subject: Subject, assertions: Assertions) -> None:
    """On a name that nobody has, so that no person is locked out."""
    nobody = subject.accounts.invent()
    for _ in range(MOST_ATTEMPTS):
        answer = acts.log_in(subject.site, subject.scenario, nobody)
        if answer.status == 429:
            waits = answer.headers.get("retry-after", "").isdigit()
            assertions.expect(waits, "a throttled login does not say when to come again (Retry-After)")
            return
    assertions.expect(False, f"{MOST_ATTEMPTS} wrong passwords for one account were not throttled")


def _nothing_hidden_is_told(subject: Subject, assertions: Assertions) -> None:
    """By value: of secrets that are known here."""
    asked = (subject.scenario.page, subject.app.health, subject.app.version, "/openapi.json", "/no/such/path")
    places = {f"GET {path}": _all(subject.site.ask(path)) for path in asked if path}
    if subject.run_log:
        places["the run log"] = "\n".join(subject.run_log())
    for where, text in places.items():
        leaked = sorted(name for name, secret in subject.hidden.items() if secret.reveal() in text)
        assertions.expect(not leaked, f"{where} tells the value of {', '.join(leaked)}")
        assertions.expect(where == "the run log" or not _DEBUG.search(text), f"{where}: the app runs in debug mode")


def _all(answer: Answer) -> str:
    return "\n".join((*(f"{name}: {value}" for name, value in answer.headers.items()), answer.body))


SECURITY = Check(
    name="security",
    asked="headers, origins, redirects and throttling are as they should be, and no secret is told",
    run=_run,
    alone=True,  # its wrong passwords throttle the logins of every other check from the same address
)
