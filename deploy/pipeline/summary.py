"""How a run ended, in words: for a terminal, and as the step summary of a CI job."""

from __future__ import annotations

from deploy.errors import DeployError
from deploy.markdown import block, row
from deploy.marks import SIGNS
from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run


def last_lines(run: Run) -> str:
    """The last lines on a terminal: what is true now, and where to look at it."""
    lines = ["", headline(run)]
    if run.url and run.verdict is not Ending.PLANNED:
        lines += [f"  app   {run.url}", f"  page  {run.client.page}"]
    if run.tally and run.config.suite == "full":
        near = run.folder.relative_to(run.config.root)
        what = "tasks" if run.config.tasks else "checks"
        lines.append(f"  proof {run.tally['passed']} of {sum(run.tally.values())} {what}, in {near}/report.html")
    if run.not_rehearsed and run.journal:
        lines.append(f"  not rehearsed here: {', '.join(run.not_rehearsed)}")
    return "\n".join(lines)


def headline(run: Run) -> str:
    facts = {"space": run.target.space, "revision": run.revision[:12], "serving": run.serving[:12] or "unknown"}
    return run.verdict.headline.format(**facts)


def summary(run: Run, error: DeployError | None) -> str:
    """Markdown for `$GITHUB_STEP_SUMMARY`."""
    rows = [
        ("Space", f"[{run.target.space}]({run.client.page})"),
        ("App", run.url),
        ("Revision", f"`{run.revision}`" if run.revision else ""),
        ("Source", f"`{run.source_sha}`" if run.source_sha else ""),
        ("Image", f"`{run.image}`" if run.image else ""),
        ("Commit", f"`{run.commit}`" if run.commit else ""),
        ("Verdict", run.verdict),
        ("Not rehearsed", ", ".join(run.not_rehearsed)),
    ]
    lines = [
        f"### {SIGNS['failed']} {' '.join(error.what.split())}" if error else f"### {SIGNS['passed']} {headline(run)}",
        "",
        "| | |",
        "|---|---|",
        *(row(name, value) for name, value in rows if value),
        "",
        "| Step | Outcome | Seconds | |",
        "|---|---|---:|---|",
        *(row(step.name, step.outcome, f"{step.seconds:.1f}", step.note) for step in run.console.steps),
    ]
    if error:
        lines += ["", block(str(error))]
    return "\n".join(lines)
