"""A release that does not serve: back to the one before, said with cause, evidence and cure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import MAIN, Project

Break = Callable[[Project], None]


def raises_at_import(project: Project) -> None:
    project.write("backend/main.py", f"{MAIN}\nimport os\n\nos.environ['PAYMENT_KEY']\n")


def does_not_start(project: Project) -> None:
    project.write("backend/main.py", MAIN.replace("app = FastAPI()", "app = FastAPI(on_startup=[stop])").replace(
        "app = ", "def stop() -> None:\n    raise RuntimeError('no disk to write to')\n\n\napp = "
    ))  # fmt: skip


def tells_another_revision(project: Project) -> None:
    project.edit("backend/main.py", 'return {"revision": revision()}', 'return {"revision": "0" * 40}')


def fails_a_check(project: Project) -> None:
    project.edit("backend/main.py", '@app.get("/greeting")', '@app.get("/hello")')


def does_not_install(project: Project) -> None:
    project.write("backend/more.txt", "--no-index\nspacewright-no-such-package==1.0\n")
    project.edit("backend/Dockerfile", "COPY . .\n", "COPY . .\nRUN pip install -r more.txt\n")


FAILURES = [
    (raises_at_import, "The app did not start on the Hub", "the environment variable PAYMENT_KEY is not set"),
    (does_not_start, "The app did not start on the Hub", "no disk to write to"),
    (tells_another_revision, "1 check of the running app failed", "GET /version tells revision"),
    (fails_a_check, "1 check of the running app failed", "GET /greeting is 200; seen: 404"),
    (does_not_install, "The image did not build on the Hub", "the index has no"),
]
broken = pytest.mark.parametrize(
    ("breaks", "what", "cause"), FAILURES, ids=[breaks.__name__ for breaks, _, _ in FAILURES]
)


@broken
def test_a_release_that_fails_is_rolled_back(served: Project, breaks: Break, what: str, cause: str) -> None:
    good = served.seen()
    old = served.serving()
    breaks(served)
    served.variables |= {"GREETING": "from the new release", "NEW": "only for the new release"}
    served.declare()
    outcome = served.deploy().ended(50)
    document = outcome.document
    assert document["error"] == "RolledBack"
    assert document["verdict"] == "rolled_back"
    assert document["rolled_back"] is True
    assert document["serving"] == old
    assert what in document["what"]
    assert f"{good.head[:12]} serves again" in document["what"]
    assert cause in document["cause"]
    assert document["next"] == "mend it and deploy again"
    assert served.serving() == old
    assert served.greeting() == "hello"
    after = served.seen()
    assert after.files == good.files
    assert after.variables == good.variables
    assert after.head == document["commit"] != good.head
    assert served.commits()[0].startswith(f"Roll back to {good.head[:12]}")
    assert not served.held()


def test_a_secret_that_is_new_goes_with_the_release_that_failed(served: Project) -> None:
    before = served.seen()
    served.secrets = {"FRESH_KEY": {"generate": "hex:16"}}
    served.declare()
    fails_a_check(served)
    outcome = served.deploy().ended(50)
    assert any("FRESH_KEY" in line for line in outcome.document["written"])
    assert served.seen().secrets == before.secrets == {}


def test_the_diagnosis_has_cause_evidence_and_cure(served: Project) -> None:
    raises_at_import(served)
    text = served.run("deploy", "--without-rehearsal").ended(50).text
    assert "cause: the environment variable PAYMENT_KEY is not set" in text
    assert "evidence: KeyError: 'PAYMENT_KEY'" in text
    assert "cure:     declare it under [secrets] or [variables] in deploy.toml" in text
    assert "the end of the run log:" in text


def test_an_app_that_crashes_at_boot_is_rolled_back_as_far_as_it_goes(served: Project, hub: Hub) -> None:
    """The Hub lets every app crash from now on: what is put back does not start either."""
    served.touch_up("crashes, and so does the old one")
    hub.fault(space=served.space, name="crash_at_boot")
    outcome = served.deploy().ended(51)
    document = outcome.document
    assert document["error"] == "RollbackFailed"
    assert document["verdict"] == "rollback_failed"
    assert "Going back failed too." in document["what"]
    assert "status --to test" in document["next"]
    assert not served.held()


def test_a_first_release_that_fails_has_nothing_to_go_back_to(project: Project) -> None:
    raises_at_import(project)
    outcome = project.deploy().ended(53)
    assert outcome.document["error"] == "ReleaseFailed"
    assert "There is no earlier good release to go back to." in outcome.document["what"]
    assert "the environment variable PAYMENT_KEY is not set" in outcome.document["cause"]
    assert not project.held()
    project.write("backend/main.py", MAIN)
    assert project.deploy().ended(0).document["verdict"] == "deployed"
