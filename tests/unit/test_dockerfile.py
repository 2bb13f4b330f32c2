"""Dockerfiles as BuildKit reads them."""

from __future__ import annotations

import pytest

from deploy.dockerfile import DockerfileError, Stage, Start, parse


def final(*lines: str) -> Stage:
    return parse("FROM base\n" + "".join(f"{line}\n" for line in lines)).final


def started(*lines: str) -> Start:
    start = final(*lines).start
    assert start is not None
    return start


def test_lines_continue_over_comments_and_empty_lines() -> None:
    text = "FROM a\nRUN one \\\n  # why\n\n  two \\\n  three # not a comment\nUSER 1000\n"
    run, user = parse(text).instructions[1:]
    assert (run.line, run.text.split()) == (2, ["one", "two", "three", "#", "not", "a", "comment"])
    assert user.line == 7


def test_an_escaped_escape_does_not_continue() -> None:
    assert [line.name for line in parse("FROM a\nRUN echo \\\\\nUSER x\n").instructions] == ["FROM", "RUN", "USER"]


def test_the_escape_directive() -> None:
    found = parse("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN dir C:\\ `\n  b\n")
    assert found.instructions[1].text == "dir C:\\   b"


@pytest.mark.parametrize("before", ["# a comment\n", "\n"])
def test_a_directive_counts_only_at_the_top(before: str) -> None:
    assert parse(f"{before}# escape=`\nFROM a\nRUN x \\\n y\n").instructions[1].text == "x  y"


def test_heredocs_hold_their_lines() -> None:
    text = "FROM a\nRUN <<EOF\nFROM b\n# kept \\\nEOF\nCOPY <<-'END' <<two /x/\n\tone $A\n\tEND\nmore\ntwo\nUSER y\n"
    run, copy, user = parse(text).instructions[1:]
    assert [(doc.line, doc.text) for doc in run.heredocs] == [(3, "FROM b\n# kept \\\n")]
    assert [doc.text for doc in copy.heredocs] == ["one $A\n", "more\n"]
    assert (user.line, parse(text).final.user) == (11, "y")


@pytest.mark.parametrize("line", ['RUN echo "a <<EOF b"', "CMD cat <<EOF", "RUN python -c '1 <<2'"])
def test_what_is_no_heredoc(line: str) -> None:
    assert final(line).instructions[0].heredocs == ()


@pytest.mark.parametrize(
    ("line", "argv", "shell_form"),
    [
        ('CMD ["uvicorn", "main:app"]', ("uvicorn", "main:app"), False),
        ("CMD uvicorn main:app", ("/bin/sh", "-c", "uvicorn main:app"), True),
        ("CMD ['uvicorn', 'main:app']", ("/bin/sh", "-c", "['uvicorn', 'main:app']"), True),
        ('CMD [ "a", \\\n "b" ]', ("a", "b"), False),
        ("cmd x", ("/bin/sh", "-c", "x"), True),
    ],
)
def test_forms_of_a_command(line: str, argv: tuple[str, ...], shell_form: bool) -> None:
    start = started(line)
    assert (start.argv, start.shell_form, start.line) == (argv, shell_form, 2)


def test_entry_point_and_command_are_joined_as_docker_does() -> None:
    exec_form = started('ENTRYPOINT ["tini", "--"]', 'CMD ["python", "a b.py"]')
    assert (exec_form.argv, exec_form.line) == (("tini", "--", "python", "a b.py"), 3)
    assert exec_form.text == "tini -- python 'a b.py'"
    assert started('ENTRYPOINT ["run"]', "CMD a b").argv == ("run", "/bin/sh", "-c", "a b")
    assert started("ENTRYPOINT serve", 'CMD ["ignored"]').text == "serve"
    assert final("CMD []").start is None
    assert final().start is None


def test_an_entry_point_drops_the_command_of_the_stage_below() -> None:
    text = 'FROM a AS one\nCMD ["old"]\nFROM one\nENTRYPOINT ["new"]\n'
    start = parse(text).final.start
    assert start is not None
    assert start.argv == ("new",)
    assert parse('FROM a AS one\nCMD ["old"]\nFROM one\n').final.cmd is not None


def test_the_shell_instruction_changes_the_shell_form() -> None:
    assert started('SHELL ["/bin/bash", "-euc"]', "CMD x").argv == ("/bin/bash", "-euc", "x")


def test_environment_and_arguments() -> None:
    stage = final(
        "ARG ONE=1 TWO",
        "ENV A=$ONE B=\"two words\" C='$ONE' D=${NO:-x} E=${A:+yes} F=\\$A",
        "ENV OLD the rest",
        "ENV A=changed COPY=$A",
    )
    assert dict(stage.args) == {"ONE": "1", "TWO": None}
    expected = {"A": "changed", "B": "two words", "C": "$ONE", "D": "x", "E": "", "F": "$A", "OLD": "the rest"}
    assert dict(stage.env) == {**expected, "COPY": "1"}


def test_arguments_above_the_first_from_give_defaults() -> None:
    found = parse("ARG PY=3.13\nARG OS=slim\nFROM python:${PY}-${OS} AS build\nARG PY\nFROM build\n")
    assert (found.stages[0].base, found.stages[0].args["PY"]) == ("python:3.13-slim", "3.13")
    assert (found.final.image, found.final.args) == ("python:3.13-slim", {"PY": "3.13"})


def test_folder_user_and_ports() -> None:
    stage = final(
        "ENV HOME=/home/user PORT=7860", "WORKDIR $HOME", "WORKDIR app", "USER user", "EXPOSE $PORT 80/tcp 9000-9002"
    )
    assert (stage.workdir, stage.user) == ("/home/user/app", "user")
    assert stage.exposed == (7860, 80, 9000, 9001, 9002)


def test_a_stage_inherits_from_the_one_it_stands_on() -> None:
    below = "FROM python AS Build\nENV A=1\nWORKDIR /x\nUSER u\nEXPOSE 80\nCOPY a b\n"
    text = below + "FROM other\nFROM build AS last\nENV B=2\n"
    found = parse(text)
    last = found.final
    assert (last.name, last.base, last.image, last.workdir, last.user) == ("last", "build", "python", "/x", "u")
    assert (dict(last.env), last.exposed, last.copies) == ({"A": "1", "B": "2"}, (80,), ())
    assert [line.name for line in last.history] == ["ENV", "WORKDIR", "USER", "EXPOSE", "COPY", "ENV"]


def test_copies_know_where_they_go() -> None:
    stage = final(
        "WORKDIR /app",
        "COPY --chown=user --chmod=755 a.py b/ ./lib/",
        'COPY --from=build ["/x y", "/out"]',
        "ADD . .",
        "COPY . /app",
    )
    first, second, third, fourth = stage.copies
    assert (first.sources, first.target, first.mode) == (("a.py", "b/"), "/app/lib/", "755")
    assert (second.sources, second.target, second.origin) == (("/x y",), "/out", "build")
    assert (third.target, fourth.target) == ("/app/", "/app/")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "no instruction"),
        ("# only a comment\n", 1, "no instruction"),
        ("RUN x\n", 1, "RUN before any FROM"),
        ("ARG X\n", 1, "no FROM"),
        ("FROM a\nRNU x\n", 2, "RNU is not an instruction"),
        ("FROM a\n\n# x\nCOPY\n", 4, "COPY has no argument"),
        ("FROM a\nCOPY x\n", 2, "COPY has one argument"),
        ("FROM a b\n", 1, "FROM does not take"),
        ("FROM a AS\n", 1, "FROM does not take"),
        ("ARG X\nFROM $X\n", 2, "comes to nothing"),
        ("FROM a\nENV X\n", 2, "X in ENV has no value"),
        ("FROM a\nENV X=1 Y\n", 2, "Y in ENV has no value"),
        ("FROM a\nEXPOSE web\n", 2, "web in EXPOSE"),
        ("FROM a\nSHELL bash\n", 2, "JSON form"),
        ("FROM a\nRUN <<EOF\nx\n", 2, "here-document EOF does not end"),
        ("# escape=x\nFROM a\n", 1, "escape character"),
        ("# escape=`\n# escape=`\nFROM a\n", 2, "twice"),
    ],
)
def test_one_error_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    assert caught.value.line == line
    assert says in caught.value.problem
    assert caught.value.cure
    assert str(caught.value).startswith(f"Dockerfile, line {line}: ")


def test_a_mistyped_instruction_is_corrected() -> None:
    with pytest.raises(DockerfileError) as caught:
        parse("FORM python\n")
    assert caught.value.cure == "did you mean FROM?"


def test_line_ends_and_marks_do_not_matter() -> None:
    assert parse("\ufeffFROM a\r\nRUN x \\\r\n y\r\nUSER z\r\n").final.user == "z"


@pytest.mark.parametrize("text", ["RUN echo " + "a" * 70_000, "ENV A=1 \\\n  B=" + "ä" * 33_000])
def test_a_line_longer_than_buildkit_reads_is_named(text: str) -> None:
    with pytest.raises(DockerfileError, match="more than 65535 bytes"):
        parse(f"FROM python:3.13-slim\n{text}\n")
