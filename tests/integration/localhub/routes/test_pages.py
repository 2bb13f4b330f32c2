"""What a browser sees of the local Hub."""

from __future__ import annotations

from huggingface_hub import HfApi

from tests.integration.hub_fixtures import Hub, app_files, commit, settled


def test_the_first_page_lists_public_spaces_with_their_address(hub: Hub, api: HfApi, space: str) -> None:
    settled(api, space, commit(api, space, app_files()))
    api.create_repo(f"{space}-hidden", repo_type="space", space_sdk="docker", private=True)
    page = hub.ask("GET", "/", token="").text
    assert space in page
    assert str(api.space_info(space).host) in page
    assert f"{space}-hidden" not in page


def test_a_space_shows_its_stage_and_its_newest_commits(hub: Hub, api: HfApi, space: str) -> None:
    head = commit(api, space, app_files())
    settled(api, space, commit(api, space, app_files(later__txt=b"x"), message="<b>bold</b> & new"))
    page = hub.ask("GET", f"/spaces/{space}", token="").text
    assert page.index("&lt;b&gt;bold&lt;/b&gt; &amp; new") < page.index(head[:12]) < page.index("initial commit")
    assert 'class="stage RUNNING"' in page


def test_the_address_of_a_commit_opens(hub: Hub, api: HfApi, space: str) -> None:
    made = api.create_commit(space, app_files(), commit_message="x", repo_type="space")
    page = hub.ask("GET", made.commit_url.removeprefix(hub.url), token="")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert hub.ask("GET", "/spaces/local/nothing", token="").status_code == 401
