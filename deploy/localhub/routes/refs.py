"""Branches and tags. Making one is atomic: of many who try at once, one succeeds and the others get 409."""

from __future__ import annotations

from typing import Any

from dulwich.objects import Commit, ShaFile, Tag
from dulwich.refs import Ref, check_ref_format
from dulwich.repo import Repo
from starlette.responses import JSONResponse, Response

from deploy.localhub import answers
from deploy.localhub.answers import Refusal
from deploy.localhub.git import committing, references, repository
from deploy.localhub.http.calls import Call, text
from deploy.localhub.http.endpoint import Route

_BRANCHES = b"refs/heads/"
_TAGS = b"refs/tags/"


def listing(call: Call) -> Response:
    call.space()
    with call.repository.open() as repo:
        shown: dict[str, Any] = {"branches": _listed(repo, _BRANCHES), "converts": [], "tags": _listed(repo, _TAGS)}
    if call.flag("include_prs"):
        shown["pullRequests"] = []
    return JSONResponse(shown)


def create_branch(call: Call) -> Response:
    call.writable_space()
    asked = call.json()
    ref = _ref(_BRANCHES, call.parameter("name"))
    with call.repository.writing() as repo:
        start = repository.resolve(repo, str(asked.get("startingPoint") or "main"))
        _claim(repo, ref, start, message="Reference already exists", overwrite=asked.get("overwrite") is True)
    if ref == repository.MAIN:
        call.hub.publisher.publish(call.space_id)
    return JSONResponse({})


def delete_branch(call: Call) -> Response:
    call.writable_space()
    ref = _ref(_BRANCHES, call.parameter("name"))
    if ref == repository.MAIN:
        raise answers.not_allowed("The main branch cannot be deleted")
    _remove(call, ref)
    return JSONResponse({})


def create_tag(call: Call) -> Response:
    call.writable_space()
    asked = call.json()
    name = text(asked, "tag")
    ref = _ref(_TAGS, name)
    with call.repository.writing() as repo:
        target: ShaFile = repository.resolve(repo, call.parameter("rev"))
        if message := asked.get("message"):
            target = _annotated(call, name, str(message), target)
            committing.store(repo, [target])
        _claim(repo, ref, target, message="Tag reference exists already")
    return JSONResponse({})


def delete_tag(call: Call) -> Response:
    call.writable_space()
    _remove(call, _ref(_TAGS, call.parameter("name")))
    return JSONResponse({})


def squash(call: Call) -> Response:
    """One commit in the place of a branch's history, with the same files."""
    space = call.writable_space()
    ref = _ref(_BRANCHES, call.parameter("name"))
    with call.repository.writing() as repo:
        tip = repository.head(repo, ref)
        if tip is None:
            raise answers.revision_missing(call.parameter("name"))
        made = committing.parentless(
            tip.tree, text(call.json(), "message"), author=call.caller.signature, at=call.hub.time()
        )
        committing.store(repo, [made])
        committing.move(repo, ref, made, expected=tip)
    if ref == repository.MAIN:
        call.hub.publisher.publish(space.id)
    return JSONResponse({})


def _claim(repo: Repo, ref: Ref, target: ShaFile, *, message: str, overwrite: bool = False) -> None:
    """The caller holds the repository's lock. Raises Refusal (400, 409)."""
    if obstacle := references.obstacle(repo, ref):
        raise Refusal(400, f"Invalid reference name: {obstacle}")
    if overwrite:
        repo.refs[ref] = target.id
    elif not repo.refs.add_if_new(ref, target.id):
        raise Refusal(409, message)


def _remove(call: Call, ref: Ref) -> None:
    with call.repository.writing() as repo:
        if repo.refs.read_ref(ref) is None:
            raise answers.revision_missing(call.parameter("name"))
        repo.refs.remove_if_equals(ref, None)


def _annotated(call: Call, name: str, message: str, target: ShaFile) -> Tag:
    tag = Tag()
    tag.name = name.encode()
    tag.object = (Commit, target.id)
    tag.message = message.encode()
    tag.tagger = committing.person(call.caller.signature)
    tag.tag_time = int(call.hub.time().timestamp())
    tag.tag_timezone = 0
    return tag


def _listed(repo: Repo, prefix: bytes) -> list[dict[str, str]]:
    shown = []
    for ref in sorted(repo.refs.allkeys()):
        if ref.startswith(prefix):
            name = ref.removeprefix(prefix).decode()
            shown.append({"name": name, "ref": ref.decode(), "targetCommit": _target(repo, ref)})
    return shown


def _target(repo: Repo, ref: Ref) -> str:
    return repository.resolve(repo, ref.decode()).id.decode()


def _ref(prefix: bytes, name: str) -> Ref:
    ref = Ref(prefix + name.encode("utf-8", "replace"))
    if name.startswith("refs/") or not check_ref_format(ref):
        raise Refusal(400, f"Invalid reference name: {name}")
    return ref


ROUTES = (
    Route(method="GET", template="/api/spaces/{id}/refs", handler=listing),
    Route(method="POST", template="/api/spaces/{id}/branch/{name}", handler=create_branch),
    Route(method="DELETE", template="/api/spaces/{id}/branch/{name}", handler=delete_branch),
    Route(method="POST", template="/api/spaces/{id}/tag/{rev}", handler=create_tag),
    Route(method="DELETE", template="/api/spaces/{id}/tag/{name}", handler=delete_tag),
    Route(method="POST", template="/api/spaces/{id}/super-squash/{name}", handler=squash),
)
