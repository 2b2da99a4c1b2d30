"""What can be read besides answers: documents, health, the OpenAPI document, the page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi import FastAPI

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from vectorstore.library import Library
from vectorstore.reading import RawDocument


def test_documents_are_listed(client: httpx.Client, raw_texts: dict[str, str]) -> None:
    documents = client.get("/documents").json()["documents"]
    assert {document["name"] for document in documents} == raw_texts.keys()
    for document in documents:
        assert document["chars"] == len(raw_texts[document["name"]])
        assert document["passage_count"] > 0


@pytest.mark.parametrize("by", ["id", "name"])
def test_document_is_given_whole(client: httpx.Client, raw_texts: dict[str, str], by: str) -> None:
    summary = client.get("/documents").json()["documents"][0]
    document = client.get(f"/documents/{summary[by]}").json()
    text = raw_texts[summary["name"]]
    assert document["text"] == text
    assert {key: document[key] for key in summary} == summary
    assert len(document["passages"]) == summary["passage_count"]
    for part in [*document["passages"], *document["headings"]]:
        assert "".join(text[start:end] for start, end in part["spans"]) == part["text"]
    assert "农业" in [heading["text"] for heading in document["headings"]]


def test_captions_and_furniture_are_separated_from_the_text(
    serving: Callable[[FastAPI], Any], settings: Settings, tmp_path: Path
) -> None:
    text = (
        "首页 > 新闻 > 正文\n😀云溪县的春耕\n2024-03-01 08:00 来源：云溪日报\n"
        "2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%，种粮大户的积极性明显\n"
        "图为农民在田间劳作。\n提高，全县茶园面积达到4200亩，茶叶产值创下新高。\n"
        "版权所有：云溪日报社 ICP备12345678号\n"
    )
    with open_library(settings.model_copy(update={"data_dir": tmp_path})) as library:
        library.ingest([RawDocument.of("a.txt", text)])
        app = create_app(settings, QA(library, settings), Conversations(library.database))
        with serving(app) as url:
            document = httpx.get(f"{url}/documents/a.txt", trust_env=False).json()
    furniture = [text[start:end] for start, end in document["furniture"]]
    assert any("版权所有" in part for part in furniture)
    assert all(part not in passage["text"] for part in furniture for passage in document["passages"])
    assert [text[start:end].strip() for start, end in document["captions"]] == ["图为农民在田间劳作。"]


def test_config_is_there_before_the_library(
    serving: Callable[[FastAPI], Any], library: Library, settings: Settings, conversations: Conversations
) -> None:
    app = create_app(settings)
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        before = client.get("/config").json()
        assert (before["ready"], before["answerer"], before["requires_key"]) == (False, None, False)
        app.state.service.ready(QA(library, settings), conversations)
        after = client.get("/config").json()
        assert (after["ready"], after["answerer"]) == (True, "extractive")
        assert after["limits"]["question_chars"] == settings.question_chars


def test_suggestions_are_answered_from_the_documents_they_name(
    client: httpx.Client, wait_until: Callable[..., None]
) -> None:
    def known(**params: object) -> list[dict[str, str]]:
        found: list[dict[str, str]] = client.get("/suggestions", params=params).json()["questions"]
        return found

    wait_until(known)
    found = known()
    assert {item["document"] for item in found[:2]} == {"yunxi.txt", "shiqiao.txt"}
    assert found == known()
    assert len(known(limit=1)) == 1
    assert {item["document"] for item in known(documents="shiqiao.txt")} == {"shiqiao.txt"}
    for item in found:
        answer = client.post("/chat", json={"question": item["question"]}).json()
        assert not answer["abstained"]
        assert {citation["document"] for citation in answer["citations"]} == {item["document"]}
    assert client.get("/suggestions", params={"documents": "nowhere.txt"}).status_code == 404


def test_not_ready_until_the_library_is(
    serving: Callable[[FastAPI], Any], library: Library, settings: Settings, conversations: Conversations
) -> None:
    app = create_app(settings)
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        for response in (client.get("/readyz"), client.get("/documents"), client.post("/chat", json={"question": "x"})):
            assert response.status_code == 503
            assert response.headers["retry-after"] == "1"
            assert response.json()["error"]["code"] == "not_ready"
        app.state.service.ready(QA(library, settings), conversations)
        ready = client.get("/readyz").json()
        assert (ready["status"], ready["documents"], ready["answerer"]) == ("ready", 2, "extractive")


def test_openapi_examples_fit_their_schemas(client: httpx.Client) -> None:
    """Every example is what the service would take or send, down to the last field."""
    document = client.get("/openapi.json").json()
    checked = 0

    def check(schema: dict[str, Any], example: Any) -> None:
        nonlocal checked
        checked += 1
        whole = {**schema, "components": document["components"]}
        jsonschema.Draft202012Validator(whole).validate(example)

    for schema in document["components"]["schemas"].values():
        for example in schema.get("examples", []):
            check(schema, example)
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    if "example" in content and "schema" in content:
                        check(content["schema"], content["example"])
    assert checked > 20


def test_openapi_example_is_true_to_the_offsets(client: httpx.Client) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    document = schemas["DocumentView"]["examples"][0]
    (message,) = [m for m in schemas["ConversationView"]["examples"][0]["messages"] if m.get("answer")]
    for citation in message["answer"]["citations"]:
        quoted = "".join(document["text"][start:end] for start, end in citation["spans"])
        assert quoted == citation["quote"]
    assert document["chars"] == len(document["text"])
    assert document["sha256"] == hashlib.sha256(document["text"].encode()).hexdigest()


def test_every_route_is_documented_with_its_errors(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/access",
        "/chat",
        "/config",
        "/conversations",
        "/conversations/{conversation_id}",
        "/conversations/{conversation_id}/export",
        "/feedback",
        "/feedback/{message_id}",
        "/keys/{key}/conversations",
        "/mcp",
        "/suggestions",
        "/v1/chat/completions",
        "/v1/files",
        "/v1/files/{file}",
        "/v1/files/{file}/content",
        "/v1/responses",
        "/v1/responses/{response_id}",
        "/v1/responses/{response_id}/input_items",
        "/v1/vector_stores",
        "/v1/vector_stores/{store}",
        "/v1/vector_stores/{store}/files",
        "/v1/vector_stores/{store}/files/{file}",
        "/v1/vector_stores/{store}/search",
        "/v1/embeddings",
        "/v1/models",
        "/v1/models/{model}",
        "/documents",
        "/documents/{document}",
        "/documents/{document}/pages/{page}",
        "/documents/{document}/pages/{page}.png",
        "/documents/{document}/places",
        "/documents/{document}/status",
        "/origins",
        "/jobs",
        "/jobs/events",
        "/jobs/{job_id}",
        "/jobs/{job_id}/cancel",
        "/jobs/{job_id}/retry",
        "/collections",
        "/collections/{collection}",
        "/collections/{collection}/documents",
        "/healthz",
        "/metrics",
        "/readyz",
    }
    assert {"200", "400", "404", "413", "422", "503"} <= paths["/chat"]["post"]["responses"].keys()
    refs = [
        response["content"]["application/json"]["schema"]["$ref"]
        for status, response in paths["/chat"]["post"]["responses"].items()
        if status >= "400"
    ]
    assert set(refs) == {"#/components/schemas/ChatError"}


def test_page_allows_nothing_from_elsewhere(client: httpx.Client) -> None:
    response = client.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in response.headers["content-security-policy"]


def test_page_loads_nothing_and_writes_no_markup(client: httpx.Client) -> None:
    html = client.get("/").text
    urls = [url for url in re.findall(r"https?://[^\s\"'`)]+", html) if "www.w3.org/2000/svg" not in url]
    assert urls == []
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\sstyle=|\son\w+=\"", html)


def test_api_answers_forbid_everything_to_a_browser(client: httpx.Client) -> None:
    headers = client.get("/documents").headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
