"""Documents, health, the OpenAPI document, the page: what can be read besides answers."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi import FastAPI

from qa.api.app import create_app
from qa.conversations import Conversations
from qa.pipeline import QA
from qa.settings import Settings
from vectorstore.library import Library


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
                    if "example" in content:
                        check(content["schema"], content["example"])
    assert checked > 20


def test_openapi_example_is_true_to_the_offsets(client: httpx.Client) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    document = schemas["DocumentView"]["examples"][0]
    (message,) = [m for m in schemas["ConversationView"]["examples"][0]["messages"] if "answer" in m]
    for citation in message["answer"]["citations"]:
        quoted = "".join(document["text"][start:end] for start, end in citation["spans"])
        assert quoted == citation["quote"]
    assert document["chars"] == len(document["text"])
    assert document["sha256"] == hashlib.sha256(document["text"].encode()).hexdigest()


def test_every_route_is_documented_with_its_errors(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/chat",
        "/conversations/{conversation_id}",
        "/documents",
        "/documents/{document}",
        "/healthz",
        "/readyz",
    }
    assert {"200", "400", "404", "413", "422", "503"} <= paths["/chat"]["post"]["responses"].keys()
    refs = [
        response["content"]["application/json"]["schema"]["$ref"]
        for status, response in paths["/chat"]["post"]["responses"].items()
        if status >= "400"
    ]
    assert set(refs) == {"#/components/schemas/ChatError"}


def test_page_allows_its_own_script_and_style_only(client: httpx.Client) -> None:
    response = client.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", response.text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"


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
