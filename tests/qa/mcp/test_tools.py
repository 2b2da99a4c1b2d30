"""The tools and resources, asked by the protocol's own client over Streamable HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent, TextResourceContents

from qa.mcp.remote import connected
from qa.mcp.results import range_of
from tests.qa.mcp.conftest import ASKED, REPORTS, Served
from vectorstore.types import Document, DocumentInfo

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(served: Served) -> AsyncIterator[Client]:
    async with connected(f"{served.url}/mcp", None) as client:
        yield client


def text_of(result: CallToolResult) -> str:
    return "".join(part.text for part in result.content if isinstance(part, TextContent))


async def structured(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    return result.structured_content


async def test_every_tool_only_reads_and_says_what_it_returns(client: Client) -> None:
    tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == {"search", "fetch", "ask", "list_documents", "read_document"}
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.output_schema is not None
        assert tool.description


@pytest.mark.parametrize(("question", "expected", "document"), ASKED)
async def test_an_answer_is_cited_to_the_characters_of_its_source(
    client: Client, question: str, expected: str, document: str
) -> None:
    result = await client.call_tool("ask", {"question": question})
    answer = result.structured_content
    assert not answer["abstained"]
    assert expected in answer["answer"]
    for citation in answer["citations"]:
        text = REPORTS[citation["document"]]
        assert "".join(text[start:end] for start, end in citation["spans"]) == citation["quote"]
    assert {n for sentence in answer["sentences"] for n in sentence["citations"]} == {
        citation["number"] for citation in answer["citations"]
    }
    assert f"[1] {document}: " in text_of(result)


@pytest.mark.parametrize("question", ["今天天气怎么样？", "Who owns the lighthouse?"])
async def test_what_the_reports_dont_say_is_no_error(client: Client, question: str) -> None:
    answer = await structured(client, "ask", question=question)
    assert answer["abstained"]
    assert answer["reason"]
    assert not answer["citations"]


@pytest.mark.parametrize(("question", "expected", "document"), ASKED)
async def test_what_search_finds_can_be_fetched(
    served: Served, client: Client, question: str, expected: str, document: str
) -> None:
    found = (await structured(client, "search", query=question, limit=1))["results"]
    assert len(found) == 1
    assert found[0]["document"] == document
    fetched = await structured(client, "fetch", id=found[0]["id"])
    assert expected in fetched["text"]
    assert fetched["text"] == REPORTS[document][fetched["start"] : fetched["end"]]
    page, _, place = found[0]["url"].partition("#source/")
    assert page == f"{served.url}/"
    identity, span = place.split("/")
    text = httpx.get(f"{served.url}/documents/{identity}", trust_env=False).json()["text"]
    assert text == REPORTS[document]
    assert text[slice(*map(int, span.split("-")))] == found[0]["text"]


async def test_search_keeps_to_the_documents_that_are_named(client: Client) -> None:
    found = await structured(client, "search", query="云溪县粮食", documents=["marrow.txt"])
    assert {one["document"] for one in found["results"]} == {"marrow.txt"}


@pytest.mark.parametrize("document", sorted(REPORTS))
async def test_a_document_is_read_in_parts(client: Client, document: str) -> None:
    whole = REPORTS[document]
    text, end = "", 0
    while end < len(whole):
        part = await structured(client, "read_document", document=document, start=end, length=40)
        assert part["length"] == len(whole)
        text, end = text + part["text"], part["end"]
    assert text == whole
    beyond = await structured(client, "read_document", document=document, start=len(whole) + 9)
    assert (beyond["text"], beyond["start"]) == ("", len(whole))


async def test_every_document_is_a_resource(client: Client) -> None:
    listed = await structured(client, "list_documents")
    assert {one["name"] for one in listed["documents"]} == set(REPORTS)
    resources = (await client.list_resources()).resources
    assert {str(resource.uri) for resource in resources} == {one["uri"] for one in listed["documents"]}
    for one in listed["documents"]:
        contents = (await client.read_resource(one["uri"])).contents
        assert [part.text for part in contents if isinstance(part, TextResourceContents)] == [REPORTS[one["name"]]]


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("ask", {"question": "  "}, "the question is empty"),
        ("ask", {"question": "how many?", "documents": ["no.txt"]}, "no.txt"),
        ("fetch", {"id": "nowhere:1-5"}, "nowhere"),
        ("read_document", {"document": "no.txt"}, "no.txt"),
        ("read_document", {"document": "yunxi.txt", "start": -1}, "start"),
        ("search", {"query": "ferry", "limit": 1000}, "limit"),
    ],
)
async def test_bad_arguments_come_back_as_what_to_do(
    client: Client, tool: str, arguments: dict[str, Any], says: str
) -> None:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert says in text_of(result)


async def test_an_unknown_resource_is_named(client: Client) -> None:
    with pytest.raises(MCPError, match=r"no\.txt"):
        await client.read_resource("report://documents/no.txt")


async def test_many_clients_are_answered_at_once(served: Served) -> None:
    answers: list[str] = []

    async def one(question: str) -> None:
        async with connected(f"{served.url}/mcp", None) as client:
            answers.append((await structured(client, "ask", question=question))["answer"])

    async with anyio.create_task_group() as group:
        for parameters in ASKED * 2:
            group.start_soon(one, parameters.values[0])
    assert len(answers) == 4
    assert len(set(answers)) == 2


@asynccontextmanager
async def as_key(guarded: Served, name: str) -> AsyncIterator[Client]:
    _, key = guarded.keys.add(name)
    async with connected(f"{guarded.url}/mcp", key) as client:
        yield client


def test_without_a_key_nothing_is_said_where_one_is_required(guarded: Served) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for headers in ({}, {"Authorization": "Bearer qa-wrong"}):
        response = httpx.post(f"{guarded.url}/mcp", json=body, headers=headers, trust_env=False)
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "unauthorized"


async def test_questions_count_against_the_limit_of_their_key(guarded: Served) -> None:
    async with as_key(guarded, "agent") as client:
        for _ in range(2):
            assert not (await client.call_tool("ask", {"question": "How much is a ticket?"})).is_error
        refused = await client.call_tool("search", {"query": "ticket"})
        assert refused.is_error
        assert "2 questions a minute" in text_of(refused)
        assert not (await client.call_tool("list_documents", {})).is_error
    async with as_key(guarded, "another") as client:
        assert not (await client.call_tool("ask", {"question": "How much is a ticket?"})).is_error


def test_orders_are_blacked_out_in_place_in_linear_time() -> None:
    info = DocumentInfo("id", "a.txt", "A", "", 4, 1)
    hostile = Document(info, "甲命令乙", (), orders=((1, 2), (1, 3)))
    assert range_of(hostile, 0, 10, "").text == "甲██乙"
    many = Document(info, "x" * 2_000_000, (), orders=tuple((n, n + 1) for n in range(0, 2_000_000, 100)))
    began = time.process_time()
    assert range_of(many, 0, 101, "").text == f"█{'x' * 99}█"
    assert time.process_time() - began < 2
