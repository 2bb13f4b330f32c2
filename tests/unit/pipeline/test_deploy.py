"""A whole deploy: every reason to stop comes before the first write, and every ending is recorded."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import (
    ConfigError,
    ConfirmationNeeded,
    DeployError,
    DirtyTree,
    EngineUnavailable,
    Interrupted,
    MissingSecret,
    NotAllowed,
    ReleaseFailed,
    RolledBack,
    SmokeFailed,
    VerificationFailed,
    Vulnerable,
    WrongSdk,
)
from deploy.evidence.store import folder, kept, read
from deploy.pipeline.commands.deploy import deploy
from deploy.pipeline.commands.plan import plan
from deploy.pipeline.commands.push import push
from deploy.pipeline.commands.secrets import rotate
from deploy.pipeline.run import Run
from deploy.pipeline.steps.rehearsal import Rehearsal
from deploy.pipeline.steps.source import Staged
from deploy.proof import Proof
from deploy.space.apply import apply
from deploy.space.changes import Restart
from deploy.space.history import good_tag
from deploy.space.lease import BRANCH
from deploy.space.model import Runtime
from deploy.verify.check import Check, Seen
from deploy.verify.everything import Suite
from deploy.verify.subject import Subject
from tests.unit.ground.builders import Recorded
from tests.unit.pipeline.builders import TOML, Story
from tests.unit.verify.subjects import NO_TOOLS

NO_ENGINE = EngineUnavailable("No engine.", cause="no socket")
WITHOUT = Rehearsal(engine=None, absence=NO_ENGINE, waived=True)
SECRETS = "[secrets]\nKEY = {}\n"


@pytest.fixture
def project(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A source of one file outside a git checkout."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(story.root.parent))
    write(story, "Dockerfile", "FROM scratch")
    return story


def write(story: Story, path: str, text: str) -> None:
    file = story.root / "backend" / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def commit_as_protected(story: Story) -> None:
    """The project as it is, in a git checkout, with a target that takes nothing else."""
    story.toml = TOML + "protected = true\n"
    assert story.config.target().protected  # deploy.toml is written
    git = ("git", "-C", str(story.root), "-c", "user.name=ann", "-c", "user.email=ann@example.com")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "first")):
        subprocess.run((*git, *words), check=True)


def carried_out(run: Run, rehearsal: Rehearsal, *, yes: bool = False, **steps: Any) -> None:
    """The deploy of a source that is well; what its checks and its lock say is another room's matter."""
    deploy(run, rehearsal, plan_only=False, yes=yes, inspect=lambda *_: None, **steps)


def deployed(story: Story, rehearsal: Rehearsal = WITHOUT, *, yes: bool = False, **settings: Any) -> Run:
    run = story.run(**settings)
    carried_out(run, rehearsal, yes=yes)
    return run


def refused(
    story: Story,
    kind: type[DeployError],
    rehearsal: Rehearsal = WITHOUT,
    *,
    steps: Mapping[str, Any] = {},
    **settings: Any,
) -> DeployError:
    """The deploy ended with that error before anything was written."""
    before = len(story.hub.writes)
    run = story.run(**settings)
    with pytest.raises(kind) as caught:
        carried_out(run, rehearsal, **steps)
    assert len(story.hub.writes) == before
    assert not run.journal
    return caught.value


def records(root: Path) -> list[Any]:
    return [json.loads(path.read_text()) for path in sorted(root.glob(".spacewright/evidence/staging/*/deploy.json"))]


# It ends well --------------------------------------------------------------------------------------------


def test_what_is_in_the_source_serves(project: Story) -> None:
    run = deployed(project, variables={"A": "1"})
    assert (run.verdict, project.hub.files["Dockerfile"]) == ("deployed", b"FROM scratch")
    assert project.serving == run.revision
    assert run.source_sha == "none"


def test_the_same_again_is_no_write_and_few_requests(project: Story) -> None:
    deployed(project, variables={"A": "1"})
    project.hub.asked.clear()
    run = deployed(project, variables={"A": "1"})
    assert run.verdict == "unchanged"
    assert project.hub.asked == ["info", "tree", "variables", "secrets", "refs"]


def test_nothing_to_do_is_not_said_of_an_app_that_fails(project: Story) -> None:
    run = deployed(project)
    project.broken = {project.serving}
    with pytest.raises(VerificationFailed, match="Nothing to deploy, but the Space does not serve") as caught:
        deployed(project)
    assert "invoke restart --to staging" in str(caught.value.next_step)
    assert project.hub.head == run.commit


def test_a_build_under_way_is_waited_for_when_there_is_nothing_to_do(project: Story) -> None:
    head = deployed(project).commit
    project.hub.stages = [*[Runtime(stage="BUILDING", sha=head)] * 3, Runtime(stage="RUNNING", sha=head)]
    assert deployed(project).verdict == "unchanged"
    assert project.now > 0


def test_what_was_edited_after_it_began_is_not_shipped(project: Story) -> None:
    class Slow(Rehearsal):
        def rehearse(self, run: Run, source: Staged) -> None:
            write(project, "Dockerfile", "FROM edited")

    deployed(project, Slow(engine=None, absence=None, waived=True))
    assert project.hub.files["Dockerfile"] == b"FROM scratch"


def test_every_ending_is_recorded(project: Story) -> None:
    first = deployed(project)
    write(project, "main.py", "broken")
    project.healthy = lambda: b"broken" not in project.hub.files.get("main.py", b"")
    with pytest.raises(RolledBack):
        deployed(project)
    found = {record["verdict"]: record for record in records(project.root)}
    assert found.keys() == {"deployed", "rolled_back"}
    assert found["deployed"]["commit"] == first.commit
    assert found["rolled_back"]["rolled_back"] is True


def test_a_record_that_cannot_be_written_changes_nothing_of_how_it_ended(project: Story) -> None:
    (project.root / ".spacewright").write_text("a file is in the way")
    assert deployed(project).verdict == "deployed"
    assert "could not be written" in project.recorded.said


def test_the_document_of_a_deploy_holds_what_a_program_needs(project: Story) -> None:
    run = deployed(project, variables={"A": "1"})
    document = run.document()
    assert json.loads(json.dumps(document)) == document
    assert {
        "target": "staging",
        "space": "owner/tasks",
        "url": project.hub.host,
        "revision": run.revision,
        "serving": run.revision,
        "source_sha": "none",
        "commit": project.hub.head,
        "changed": True,
        "rolled_back": False,
        "verdict": "deployed",
    }.items() <= document.items()
    assert {"requests", "steps", "checks", "written", "not_rehearsed"} <= document.keys()


# Shipped and never verified ------------------------------------------------------------------------------


@pytest.fixture
def interrupted(project: Story) -> Story:
    """A good release, and another one whose deploy was stopped after its commit."""
    deployed(project, variables={"A": "1"})
    write(project, "main.py", "second")
    project.hub.fail("runtime", KeyboardInterrupt())
    with pytest.raises(Interrupted, match="Stopped after commit"):
        deployed(project, variables={"A": "2"})
    project.hub.asked.clear()
    return project


class Unasked(Rehearsal):
    def rehearse(self, run: Run, source: Staged) -> None:
        pytest.fail("there is nothing to build")


def test_the_next_deploy_sees_through_what_was_interrupted(interrupted: Story) -> None:
    head = interrupted.hub.head
    run = interrupted.run({"A": "2"})
    unasked = Unasked(engine=None, absence=None, waived=True)
    carried_out(run, unasked, audit=lambda *_: pytest.fail("there is nothing to ship"))
    assert f"~ verify          {head[:12]} was never verified" in interrupted.recorded.said
    assert (run.verdict, run.commit, run.serving) == ("deployed", head, run.revision)
    assert interrupted.hub.writes == ["create_branch", "create_tag", "create_tag", "delete_tag", "delete_branch"]
    assert good_tag(head) in interrupted.hub.tags
    assert deployed(interrupted, variables={"A": "2"}).verdict == "unchanged"


def test_what_was_interrupted_and_fails_is_taken_back_with_its_variables(interrupted: Story) -> None:
    interrupted.broken = {interrupted.serving}
    run = interrupted.run({"A": "2"})
    with pytest.raises(RolledBack, match="1 check of the running app failed"):
        carried_out(run, WITHOUT)
    assert "main.py" not in interrupted.hub.files
    assert interrupted.hub.values == {"A": "1"}
    assert (run.verdict, run.serving) == ("rolled_back", interrupted.serving)


@pytest.mark.parametrize("variables", [{"A": "2"}, {"A": "3"}], ids=["nothing else", "and a setting"])
def test_what_was_interrupted_has_to_pass_the_suite(interrupted: Story, variables: dict[str, str]) -> None:
    red = Check(name="crud", asked="it holds", run=lambda _: Seen(text="0 of 1", violations=("it was 500",)))
    interrupted.toml = f'{TOML}[verify]\nsuite = "full"\n'
    interrupted.tools, interrupted.suite = NO_TOOLS, Suite(repeatable=(red,), again=(), measured=(), last=())
    with pytest.raises(RolledBack, match="1 check of the suite failed"):
        carried_out(interrupted.run(variables), WITHOUT, audit=lambda *_: None)
    assert ("main.py" in interrupted.hub.files, interrupted.hub.values) == (False, {"A": "1"})


def test_a_verification_that_is_interrupted_has_written_nothing(interrupted: Story) -> None:
    """The suite starts the Space anew, which is nothing to put back."""
    run = interrupted.run({"A": "2"})

    def stop(_: Subject) -> Seen:
        apply(run.client, [Restart(stage="RUNNING", factory=False)], run.journal)
        raise KeyboardInterrupt

    halting = Check(name="crud", asked="it holds", run=stop)
    run.config = replace(run.config, suite="full")
    run.tools, run.suite = NO_TOOLS, Suite(repeatable=(halting,), again=(), measured=(), last=())
    with pytest.raises(Interrupted, match=r"^Stopped\. Nothing was written\."):
        carried_out(run, WITHOUT)


def test_a_first_release_that_was_interrupted_and_fails_has_nowhere_to_go_back_to(project: Story) -> None:
    project.hub.fail("runtime", KeyboardInterrupt())
    with pytest.raises(Interrupted):
        deployed(project)
    project.broken = {project.serving}
    with pytest.raises(ReleaseFailed, match="no earlier good release"):
        deployed(project)


def test_what_was_interrupted_is_a_difference(interrupted: Story) -> None:
    run = interrupted.run({"A": "2"})
    plan(run)
    assert run.verdict == "planned"
    assert interrupted.hub.writes == []


def test_on_a_protected_target_a_yes_is_asked_for_what_may_be_taken_back(interrupted: Story) -> None:
    commit_as_protected(interrupted)
    refused(interrupted, ConfirmationNeeded, variables={"A": "2"})


def test_a_push_leaves_it_to_a_deploy_to_verify(interrupted: Story) -> None:
    run = interrupted.run({"A": "2"})
    push(run, yes=False)
    assert (run.verdict, interrupted.hub.writes) == ("unchanged", [])


# It only looks -------------------------------------------------------------------------------------------


def test_a_plan_is_shown_and_nothing_is_written(project: Story) -> None:
    run = project.run({"A": "1"})
    plan(run)
    assert run.verdict == "planned"
    assert "+ Space           docker, cpu-basic, public, with 1 settings" in project.recorded.said
    assert project.hub.writes == []
    deploy(run, WITHOUT, plan_only=True, yes=False, inspect=lambda *_: None)
    assert project.hub.writes == []


def test_a_plan_of_nothing_says_so(project: Story) -> None:
    deployed(project)
    run = project.run()
    plan(run)
    assert run.verdict == "unchanged"


def test_a_plan_warns_of_data_that_would_not_last_and_a_deploy_goes_on(project: Story) -> None:
    project.toml = TOML + 'storage = "durable"\n'
    plan(project.run())
    assert "data would end with the container" in project.recorded.said
    assert deployed(project).verdict == "deployed"

    project.recorded = Recorded()
    plan(project.run(secrets={"DATABASE_URL": "postgres://h/d"}))
    assert "data would end" not in project.recorded.said


# It stops before it writes -------------------------------------------------------------------------------


def test_a_required_secret_that_is_nowhere_stops_it(project: Story) -> None:
    project.toml = TOML + SECRETS
    error = refused(project, MissingSecret)
    assert error.details == ("secret KEY is not set, here or on the Space",)


def test_a_secret_that_was_rotated_since_stops_it_and_its_plan(project: Story) -> None:
    project.toml = TOML + SECRETS
    deployed(project, secrets={"KEY": "old"})
    rotate(project.run(secrets={"KEY": "old"}), "KEY", StringIO("new"), yes=True)
    write(project, "main.py", "app")
    error = refused(project, ConfigError, secrets={"KEY": "old"})
    assert "the last rotation of KEY" in error.what
    with pytest.raises(ConfigError, match="the last rotation of KEY"):
        plan(project.run(secrets={"KEY": "old"}))
    run = project.run(secrets={"KEY": "old"})
    run.older = True
    deploy(run, WITHOUT, plan_only=False, yes=False, inspect=lambda *_: None)
    assert run.verdict == "deployed"
    assert "~ secret          KEY (changed)" in project.recorded.said


def test_a_push_writes_no_secret_and_minds_none(project: Story) -> None:
    project.toml = TOML + SECRETS
    deployed(project, secrets={"KEY": "old"})
    rotate(project.run(secrets={"KEY": "old"}), "KEY", StringIO("new"), yes=True)
    write(project, "main.py", "app")
    run = project.run(secrets={"KEY": "old"})
    push(run, yes=False)
    assert run.verdict == "pushed"


def test_a_space_that_would_be_somebody_elses_stops_it(project: Story) -> None:
    project.toml = TOML.replace("owner/tasks", "stranger/tasks")
    error = refused(project, NotAllowed)
    assert error.cause == "the token belongs to owner, and 'stranger' is somebody else"


def test_a_token_that_may_not_write_stops_it(project: Story) -> None:
    project.hub.land({"a": b"1"})
    project.hub.fail("check_write", NotAllowed("403"))
    refused(project, NotAllowed)


def test_a_space_of_another_sdk_stops_it(project: Story) -> None:
    project.hub.land({"app.py": b"1"})
    project.hub.sdk = "gradio"
    refused(project, WrongSdk)


def test_a_protected_target_takes_committed_work_only(project: Story) -> None:
    project.toml = TOML + "protected = true\n"
    refused(project, DirtyTree)


def test_a_protected_target_is_changed_after_a_yes_only(project: Story) -> None:
    commit_as_protected(project)
    refused(project, ConfirmationNeeded)
    assert deployed(project, yes=True).verdict == "deployed"


def test_a_rehearsal_that_fails_stops_it(project: Story) -> None:
    class Failing(Rehearsal):
        def rehearse(self, run: Run, source: Staged) -> None:
            raise SmokeFailed("It does not serve.")

    refused(project, SmokeFailed, Failing(engine=None, absence=None, waived=True))


def test_a_known_hole_stops_it_and_is_recorded(project: Story) -> None:
    def find(run: Run, _source: Staged) -> None:
        run.prove(Proof(check="audit", verdict="failed", asked="", seen="starlette 1.2.0 has CVE-2026-1"))
        raise Vulnerable("1 locked package with a known vulnerability: starlette 1.2.0. Nothing was changed.")

    class Unasked(Rehearsal):
        def rehearse(self, run: Run, source: Staged) -> None:
            pytest.fail("nothing is built of what has a known hole")

    error = refused(project, Vulnerable, Unasked(engine=None, absence=None, waived=True), steps={"audit": find})
    assert error.exit_code == 18
    [kept_as] = kept(project.root, "staging")
    evidence = read(folder(project.root, "staging", kept_as) / "evidence.json")
    assert next(proof.check for proof in evidence.failed) == "audit"


def test_without_a_change_nobody_is_asked(project: Story) -> None:
    deployed(project)
    run = project.run()
    carried_out(run, WITHOUT, audit=lambda *_: pytest.fail("there is nothing to ship"))
    assert run.verdict == "unchanged"
    plan(project.run({"A": "1"}))


# Rehearsals ----------------------------------------------------------------------------------------------


def test_without_an_engine_a_real_target_is_refused(project: Story) -> None:
    error = refused(project, EngineUnavailable, Rehearsal(engine=None, absence=NO_ENGINE, waived=False))
    assert "'staging' cannot be rehearsed: no Docker engine answers. Nothing was changed." in error.what
    assert error.cause == "no socket"
    assert "--without-rehearsal" in str(error.next_step)
    assert project.hub.asked == []


def test_told_to_go_without_it_lists_what_was_not_rehearsed(project: Story) -> None:
    run = deployed(project)
    assert run.not_rehearsed[0] == "image build"
    assert len(run.not_rehearsed) == 5
    (rehearsal,) = [step for step in run.console.steps if step.name == "rehearsal"]
    assert (rehearsal.outcome, rehearsal.note) == ("skipped", "told to go without")
    assert run.proofs["image"].seen == "not rehearsed: told to go without"


def test_the_local_target_goes_without_an_engine(project: Story) -> None:
    project.toml = TOML.replace('hub = "https://hub.example"', 'hub = "local"')
    run = deployed(project, Rehearsal(engine=None, absence=NO_ENGINE, waived=False))
    assert (run.verdict, len(run.not_rehearsed)) == ("deployed", 5)
    assert run.proofs["image"].seen == "not rehearsed: no Docker engine here"


# Files alone ---------------------------------------------------------------------------------------------


def test_a_push_is_one_commit_and_no_settings(project: Story) -> None:
    deployed(project, variables={"A": "1"})
    write(project, "main.py", "app")
    project.hub.asked.clear()
    run = project.run({"A": "2"})
    push(run, yes=False)
    assert (run.verdict, project.hub.files["main.py"], project.hub.values) == ("pushed", b"app", {"A": "1"})
    assert project.hub.writes == ["create_branch", "create_tag", "commit", "delete_tag", "delete_branch"]


def test_a_push_of_the_same_files_is_no_write(project: Story) -> None:
    deployed(project)
    project.hub.asked.clear()
    run = project.run({"A": "2"})
    push(run, yes=False)
    assert (run.verdict, project.hub.writes) == ("unchanged", [])
    assert BRANCH not in project.hub.branches
