"""``qa mcp`` in a process of its own, started by the protocol's own client as an assistant would."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from tests.qa.mcp.conftest import ASKED, REPORTS
from tests.support.served import command, environment, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def data(data_dir: Path, tmp_path: Path) -> Path:
    """A copy of the library that no process owns."""
    return Path(shutil.copytree(data_dir, tmp_path / "data", ignore=shutil.ignore_patterns("*lock*")))


def started(data: Path, **settings: str) -> Client:
    program = command("mcp")
    return Client(
        StdioServerParameters(command=program[0], args=program[1:], env=environment(data, **settings)),
        read_timeout_seconds=120,
    )


async def answers(client: Client) -> None:
    """Ask in both languages, and look for what follows from one of the answers."""
    for parameters in ASKED:
        question, expected, document = parameters.values
        answer = (await client.call_tool("ask", {"question": question})).structured_content
        assert answer is not None
        assert expected in answer["answer"]
        assert {citation["document"] for citation in answer["citations"]} == {document}
        found = (await client.call_tool("search", {"query": question, "limit": 2})).structured_content
        assert found is not None
        fetched = (await client.call_tool("fetch", {"id": found["results"][0]["id"]})).structured_content
        assert fetched is not None
        assert fetched["text"] in REPORTS[document]
    refused = await client.call_tool("read_document", {"document": "no.txt"})
    assert refused.is_error
    assert "no.txt" in str(refused.content)


async def test_a_library_that_no_server_owns_is_asked_in_the_process(data: Path) -> None:
    async with started(data) as client:
        await answers(client)


async def test_a_running_server_is_asked_and_goes_on(data: Path) -> None:
    with serving(data, QA_KEYS="off") as server:
        async with started(data) as client:
            await answers(client)
            found = (await client.call_tool("search", {"query": "ferry"})).structured_content
            assert found is not None
            assert found["results"][0]["url"].startswith(server.url)
        assert httpx.get(f"{server.url}/readyz", trust_env=False).status_code == 200


async def test_an_empty_library_is_said_and_ends(tmp_path: Path) -> None:
    ran = subprocess.run(
        command("mcp"),
        env=environment(tmp_path / "none"),
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert "qa ingest" in ran.stderr
    assert not ran.stdout
