"""Vector stores and files, called by the openai package over a port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from qa.api.openai.stores import scope_of
from qa.errors import BadRequest
from vectorstore.library import Library

STORE = "vs_library"
EACH = [{"type": "eq", "key": "document", "value": name} for name in ("yunxi.txt", "shiqiao.txt")]


def nested(depth: int, width: int = 1) -> dict[str, Any]:
    """Return filters in one another."""
    found: dict[str, Any] = EACH[0]
    for _ in range(depth - 1):
        found = {"type": "and", "filters": [found] * width}
    return found


@pytest.fixture
def sdk(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="none", timeout=30, max_retries=0) as sdk:
        yield sdk


def names(found: Any) -> list[str]:
    return [item.filename for item in found]


def test_the_library_is_a_store(sdk: OpenAI, raw_texts: dict[str, str]) -> None:
    (store,) = sdk.vector_stores.list()
    assert (store.id, store.file_counts.completed) == (STORE, len(raw_texts))
    assert sdk.vector_stores.retrieve(STORE) == store
    files = {file.filename: file for file in sdk.files.list()}
    assert files.keys() == raw_texts.keys()
    for name, file in files.items():
        assert sdk.files.content(file.id).text == raw_texts[name]
        assert sdk.files.retrieve(file.id) == file
        held = sdk.vector_stores.files.retrieve(file.id, vector_store_id=STORE)
        assert held.attributes is not None
        assert held.attributes["document"] == name
    for call in (sdk.vector_stores.retrieve, sdk.files.retrieve):
        with pytest.raises(openai.NotFoundError, match="nothing"):
            call("nothing")
    sdk.vector_stores.list().model_dump(warnings="error")


def test_pages_follow_each_other(sdk: OpenAI, raw_texts: dict[str, str]) -> None:
    assert len(list(sdk.vector_stores.files.list(STORE, limit=1))) == len(raw_texts)  # the package turns the pages
    up, down = (names(sdk.files.list(limit=1, order=order)) for order in ("asc", "desc"))
    assert up == down[::-1] == sorted(raw_texts)
    assert names(sdk.files.list(purpose="batch")) == []


def test_a_search_finds_passages_with_their_places(sdk: OpenAI, raw_texts: dict[str, str]) -> None:
    first, *others = sdk.vector_stores.search(STORE, query="茶园面积", max_num_results=3)
    assert "4200亩" in first.content[0].text
    assert first.filename == "yunxi.txt"
    assert len(others) == 2
    extra = first.model_extra
    assert extra is not None
    text = raw_texts[first.filename]
    assert "".join(text[start:end] for start, end in extra["spans"]) == first.content[0].text
    several = sdk.vector_stores.search(STORE, query=["茶园面积", "改造危桥"], max_num_results=2)
    assert names(several) == ["yunxi.txt", "shiqiao.txt"]
    best = sdk.vector_stores.search(STORE, query="茶园面积", ranking_options={"score_threshold": 1.0})
    assert names(best) == ["yunxi.txt"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"type": "eq", "key": "document", "value": "shiqiao.txt"}, {"shiqiao.txt"}),
        ({"type": "ne", "key": "document", "value": "shiqiao.txt"}, {"yunxi.txt"}),
        ({"type": "in", "key": "title", "value": ["云溪县2023年工作总结"]}, {"yunxi.txt"}),
        ({"type": "gte", "key": "date", "value": "2023"}, set()),
        ({"type": "or", "filters": EACH}, {"yunxi.txt", "shiqiao.txt"}),
        ({"type": "and", "filters": EACH}, set()),
    ],
)
def test_filters_choose_documents(sdk: OpenAI, filters: Any, found: set[str]) -> None:
    assert set(names(sdk.vector_stores.search(STORE, query="粮食", filters=filters))) == found


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"type": "eq", "key": "colour", "value": "red"}, "document, title, date, source"),
        ({"type": "like", "key": "date", "value": "2023"}, "there are eq"),
        ({"type": "in", "key": "date", "value": "2023"}, "list of strings"),
        ({"type": "and", "filters": []}, "list of filters"),
        ({}, "there is no filter"),
        ({"type": ["eq"], "key": "date", "value": "2023"}, "there is no filter"),
        (nested(9), "8 deep"),
        ({"type": "or", "filters": [EACH[0]] * 100}, "more than 100 filters"),
        (nested(6, width=4), "more than 100 filters"),
        ({"type": "and", "filters": [{"type": "in", "key": "date", "value": ["2023"] * 501}] * 2}, "1000 values"),
    ],
)
def test_a_wrong_filter_says_which_there_are(sdk: OpenAI, filters: Any, said: str) -> None:
    with pytest.raises(openai.BadRequestError, match=said):
        sdk.vector_stores.search(STORE, query="粮食", filters=filters)


def test_filters_are_large_enough_for_people(sdk: OpenAI) -> None:
    for filters in (nested(8), {"type": "or", "filters": [EACH[0]] * 99}):
        assert names(sdk.vector_stores.search(STORE, query="粮食", filters=filters))


def test_a_tool_with_a_wrong_filter_is_refused_whatever_the_library_holds(sdk: OpenAI) -> None:
    tool: Any = {"type": "file_search", "vector_store_ids": [STORE], "filters": nested(40)}
    with pytest.raises(openai.BadRequestError, match="8 deep"):
        sdk.responses.create(model="report-qa", input="粮食", tools=[tool])


def test_a_store_named_twice_is_searched_once(library: Library) -> None:
    filters = {"type": "or", "filters": EACH}
    scope = scope_of(library, {"vector_store_ids": [STORE] * 3, "filters": filters}, None)
    assert sorted(scope or ()) == sorted(info.name for info in library.documents())
    with pytest.raises(BadRequest, match="100 are the most"):
        scope_of(library, {"vector_store_ids": [STORE] * 101}, None)
