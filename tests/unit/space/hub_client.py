"""The real client of the Hub, with answers in place of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import huggingface_hub as hf
from huggingface_hub.utils._http import default_client_factory, hf_request_event_hook

from deploy.secret import Secret
from deploy.space.client import HubClient

Answer = Callable[[httpx2.Request], httpx2.Response]


@dataclass
class Answered:
    """`hub` asks; `answer` decides what it gets; `requests` and `pauses` are what happened."""

    answer: Answer
    requests: list[httpx2.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hub = HubClient(
            "https://hub.example",
            "owner/tasks",
            Secret("hf_token_of_test"),
            token_variable="STAGING_TOKEN",
            sleep=self.pauses.append,
        )
        hf.set_client_factory(self._client)

    def _client(self) -> httpx2.Client:
        return self.hub.traffic.client(hf_request_event_hook, transport=httpx2.MockTransport(self._respond))

    def _respond(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self.answer(request)


@contextmanager
def answered(answer: Answer) -> Iterator[Answered]:
    """The client is huggingface_hub's own and global: it is put back."""
    try:
        yield Answered(answer)
    finally:
        hf.set_client_factory(default_client_factory)
