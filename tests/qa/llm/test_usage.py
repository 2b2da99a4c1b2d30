"""What a call costs: as the endpoint counts it, and not at all where it doesn't."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qa.llm import Message
from qa.llm.base import complete
from qa.llm.metering import TokenMeter
from qa.types import TokenUsage
from tests.qa.conftest import Serve
from tests.support.scripted_openai import Reply, forbids_extra

PROMPT = [Message("system", "规则"), Message("user", "问题")]


def test_the_cost_comes_at_the_end_of_a_stream(serve: Serve) -> None:
    model, server = serve([Reply(text="好。", usage=(120, 8)), Reply(text="Good.", usage=(90, 5), cached=64)])
    assert list(model.stream(PROMPT))[-1] == TokenUsage(input_tokens=120, output_tokens=8)
    assert list(model.stream(PROMPT))[-1] == TokenUsage(input_tokens=90, output_tokens=5, cached_tokens=64)
    assert server.requests[0]["stream_options"] == {"include_usage": True}


def test_nothing_is_invented(serve: Serve) -> None:
    model, _ = serve(Reply(text="好。", usage=None))
    assert not [piece for piece in model.stream(PROMPT) if isinstance(piece, TokenUsage)]
    model, server = serve(Reply(text="Good."))
    server.refusals = [forbids_extra("stream_options")]
    assert not [piece for piece in model.stream(PROMPT) if isinstance(piece, TokenUsage)]


def test_a_meter_adds_up_the_calls_made_under_it_alone(serve: Serve) -> None:
    model, _ = serve([Reply(text="好。", usage=(100, 10), cached=60), Reply(text="Good.", usage=(50, 5))])

    def calling(times: int) -> Iterator[str]:
        for _ in range(times):
            yield complete(model, PROMPT)

    first, second, idle = TokenMeter(), TokenMeter(), TokenMeter()
    one, other = first.over(calling(2)), second.over(calling(1))
    assert [next(one), next(other), next(one)] == ["好。", "Good.", "Good."]
    complete(model, PROMPT)  # under no meter
    assert list(idle.over(iter([]))) == []
    assert first.usage == TokenUsage(input_tokens=150, output_tokens=15, cached_tokens=60, calls=2)
    assert second.usage == TokenUsage(input_tokens=50, output_tokens=5)
    assert idle.usage is None


def test_closing_what_is_metered_ends_its_work() -> None:
    ended = []

    def working() -> Iterator[int]:
        try:
            yield 1
        finally:
            ended.append(True)

    events = TokenMeter().over(working())
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert ended == [True]


@pytest.mark.parametrize("cached", [None, 3])
def test_unknown_caching_stays_unknown(cached: int | None) -> None:
    known = TokenUsage(input_tokens=5, output_tokens=1, cached_tokens=cached)
    assert (known + TokenUsage(input_tokens=1, output_tokens=1)).cached_tokens == cached
