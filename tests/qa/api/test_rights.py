"""What a key may not see is not found, counted or named, whatever it asks; and it does only what its roles allow.

Two collections, with words that stand in one of them alone, and a key for the other. Each route of the API has a row
in ``PROBES``: what that key asks of it. No word of the other collection may come back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.access import Role
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.settings import Settings
from tests.qa.api.conftest import running
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.storage.hashes import document_id

SEEN = {
    "yunxi.txt": "# 云溪县2023年工作总结\n\n## 农业\n\n2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。"
    "全县茶园面积4200亩。\n\n## 教育\n\n云溪县新建小学3所，新增学位1800个。\n",
    "marrow.txt": "# Marrow Island annual report 2023\n\n## Ferries\n\nIn 2023 the ferries of Marrow Island carried "
    "5,200 people. The harbour was dredged twice.\n",
}
HIDDEN = {
    "sealed-jinque.txt": "# 锦阙县2023年工作总结\n\n## 农业\n\n2023年，锦阙县粮食总产量达到73.41万吨，比上年增长6.7%。"
    "锦阙县县长薛定鳌说，全县建成朱砂梅园5800亩。\n\n## 教育\n\n锦阙县新建小学19所。\n",
    "sealed-quillon.txt": "# Quillon Island annual report 2023\n\n## Ferries\n\nIn 2023 the ferries of Quillon Island "
    "carried 4,188,164,907 people. Governor Zephyra Holt had the harbour closed.\n",
}
WORDS = ("锦阙", "73.41", "薛定鳌", "朱砂梅", "quillon", "4,188,164,907", "4188164907", "zephyra", "sealed", "vault")
"""Of the hidden collection alone, in lower case; its ids are added."""
QUESTIONS = (
    "2023年哪个县的粮食总产量最高？",
    "各县2023年粮食总产量是多少？",
    "How many people did the ferries carry in 2023?",
    "有哪些县？",
    "资料库里有什么？",
    "What documents do you have?",
    "你能做什么？",
    "薛定鳌是谁？",
    "锦阙县新建了多少所小学？",
    "锦阕县粮食产量是多少？",
    "Who is Zephyra Holt?",
    "Which islands have ferries?",
    "介绍一下这些报告",
    "除了云溪县，还有哪里种粮食？",
    "jinque粮食产量",
    "zzzz",
)
FOLLOW_UPS = ("还有呢？", "教育呢？", "那锦阙县呢？")
STORE = "vs_library"
UNKNOWN = "0" * 32


@dataclass(frozen=True)
class Served:
    """A service with two collections, and a key's client for each kind of caller."""

    app: FastAPI
    url: str
    library: Library
    keys: Keys

    def client(self, name: str, roles: tuple[Role, ...] = tuple(Role), collections: list[str] | None = None) -> Any:
        """Return an HTTP client with a new key."""
        scope = None if collections is None else self.library.scope(collections)
        _, key = self.keys.add(name, roles, scope)
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def words(self) -> list[str]:
        """Return what may be nowhere: the hidden words, and the ids of hidden documents and of their collection."""
        sealed = self.library.within(self.library.scope(["vault"]))
        return [*WORDS, *self.library.scope(["vault"]), *(info.id for info in sealed.documents())]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("rights"), answerer="extractive", keys="on", key_questions_per_minute=1000
    )
    with open_library(settings) as library:
        library.membership.add("shelf")
        library.membership.add("vault")
        library.ingest([RawDocument.of(*item) for item in SEEN.items()], collections=["shelf"])
        library.ingest([RawDocument.of(*item) for item in HIDDEN.items()], collections=["vault"])
        app = create_app(settings, QA(library, settings), Conversations(library.database))
        with running(app) as url:
            yield Served(app, url, library, Keys(library.database))


@pytest.fixture(scope="module")
def reader(served: Served) -> Iterator[httpx.Client]:
    """Has every role, and sees the shelf alone."""
    with served.client("reader", collections=["shelf"]) as client:
        yield client


@pytest.fixture(scope="module")
def insider(served: Served) -> Iterator[httpx.Client]:
    """Sees everything."""
    with served.client("insider") as client:
        yield client


def chat(client: httpx.Client, **more: Any) -> list[httpx.Response]:
    """Ask every question, one of them with a follow-up and as a stream."""
    said = [client.post("/chat", json={"question": question, **more}) for question in QUESTIONS]
    earlier = said[0].json()["conversation_id"]
    for question in FOLLOW_UPS:
        said.append(client.post("/chat", json={"question": question, "conversation_id": earlier}))
    said.append(client.post("/chat", json={"question": QUESTIONS[1], "stream": True}))
    return said


def refused_chat(client: httpx.Client) -> list[httpx.Response]:
    """Name what is hidden: documents and collections."""
    body = {"question": "粮食总产量是多少？"}
    return [
        *(client.post("/chat", json={**body, "documents": [name]}) for name in [*HIDDEN, "nothing"]),
        client.post("/chat", json={**body, "collections": ["vault"]}),
    ]


def conversation(client: httpx.Client) -> str:
    answer = client.post("/chat", json={"question": QUESTIONS[0]}).json()
    client.post("/feedback", json={"message_id": answer["message_id"], "rating": "down"})
    return str(answer["conversation_id"])


def exports(client: httpx.Client) -> list[httpx.Response]:
    at = f"/conversations/{conversation(client)}/export"
    return [client.get(at), client.get(at, params={"format": "json"})]


def feedback(client: httpx.Client) -> list[httpx.Response]:
    answer = client.post("/chat", json={"question": QUESTIONS[1]}).json()
    return [client.post("/feedback", json={"message_id": answer["message_id"], "rating": "up"})]


def suggested(client: httpx.Client) -> list[httpx.Response]:
    """Wait until questions are suggested."""
    deadline = time.monotonic() + 60
    while not (found := client.get("/suggestions")).json()["questions"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return [found, client.get("/suggestions", params={"documents": "sealed-jinque.txt"})]


def completions(client: httpx.Client) -> list[httpx.Response]:
    bodies = [{"model": "report-qa", "messages": [{"role": "user", "content": text}]} for text in QUESTIONS[:3]]
    bodies += [{**bodies[0], "stream": True}, {**bodies[0], "documents": ["sealed-jinque.txt"]}]
    return [client.post("/v1/chat/completions", json=body) for body in bodies]


def mcp(client: httpx.Client) -> list[httpx.Response]:
    """Use every tool and resource; lists, and what they say of names that are hidden."""

    def call(method: str, **params: Any) -> httpx.Response:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return client.post("/mcp", json=body, headers={"Accept": "application/json, text/event-stream"})

    tools = [
        ("list_documents", {}),
        *(("search", {"query": question}) for question in QUESTIONS[:3]),
        *(("ask", {"question": question}) for question in QUESTIONS[:6]),
        ("ask", {"question": QUESTIONS[0], "documents": ["sealed-jinque.txt"]}),
        ("fetch", {"id": "sealed-jinque.txt"}),
        ("read_document", {"document": "sealed-jinque.txt"}),
        ("read_document", {"document": "yunxi.txt"}),
    ]
    return [
        call("tools/list"),
        call("resources/list"),
        call("resources/templates/list"),
        call("resources/read", uri="report://documents/sealed-jinque.txt"),
        *(call("tools/call", name=name, arguments=arguments) for name, arguments in tools),
    ]


def upload(client: httpx.Client, name: str) -> httpx.Response:
    """Send a file into the hidden collection."""
    request = client.build_request("POST", "/documents?collection=vault", files={"files": (name, b"x")})
    request.read()
    return client.send(request)


def first_event(client: httpx.Client) -> httpx.Response:
    with client.stream("GET", "/jobs/events") as stream:
        text = next(stream.iter_text())
        return httpx.Response(stream.status_code, headers=stream.headers, text=text, request=stream.request)


def response(client: httpx.Client) -> str:
    return str(client.post("/v1/responses", json={"model": "report-qa", "input": QUESTIONS[0]}).json()["id"])


Probe = Callable[[httpx.Client], list[httpx.Response]]
PROBES: dict[tuple[str, str], Probe] = {
    ("get", "/config"): lambda client: [client.get("/config")],
    ("get", "/access"): lambda client: [client.get("/access")],
    ("get", "/healthz"): lambda client: [client.get("/healthz")],
    ("get", "/readyz"): lambda client: [client.get("/readyz")],
    ("post", "/chat"): lambda client: chat(client) + refused_chat(client),
    ("get", "/conversations"): lambda client: [client.get("/conversations")],
    ("post", "/conversations"): lambda client: [
        client.post("/conversations", json={"title": "x", "collections": [name]}) for name in ("shelf", "vault")
    ],
    ("get", "/conversations/{conversation_id}"): lambda client: [client.get(f"/conversations/{conversation(client)}")],
    ("patch", "/conversations/{conversation_id}"): lambda client: [
        client.patch(f"/conversations/{conversation(client)}", json={"title": "x"})
    ],
    ("delete", "/conversations/{conversation_id}"): lambda client: [client.delete(f"/conversations/{UNKNOWN}")],
    ("get", "/conversations/{conversation_id}/export"): exports,
    ("delete", "/keys/{key}/conversations"): lambda client: [client.delete("/keys/insider/conversations")],
    ("get", "/feedback"): lambda client: [client.get("/feedback")],
    ("post", "/feedback"): feedback,
    ("delete", "/feedback/{message_id}"): lambda client: [client.delete(f"/feedback/{UNKNOWN}")],
    ("get", "/documents"): lambda client: [
        client.get("/documents"),
        *(client.get("/documents", params={"collection": name}) for name in ("shelf", "vault", "default")),
    ],
    ("get", "/documents/{document}"): lambda client: [
        client.get(f"/documents/{name}") for name in ("yunxi.txt", *HIDDEN)
    ],
    ("get", "/documents/{document}/pages/{page}"): lambda client: [
        client.get(f"/documents/{name}/pages/1") for name in ("yunxi.txt", *HIDDEN)
    ],
    ("get", "/documents/{document}/pages/{page}.png"): lambda client: [
        client.get(f"/documents/{name}/pages/1.png") for name in ("yunxi.txt", *HIDDEN)
    ],
    ("get", "/documents/{document}/places"): lambda client: [
        client.get(f"/documents/{name}/places", params={"span": "0-5"}) for name in ("yunxi.txt", *HIDDEN)
    ],
    ("patch", "/documents"): lambda client: [
        client.patch("/documents", json={"documents": ["yunxi.txt", name], "collections": ["shelf"]}) for name in HIDDEN
    ],
    ("patch", "/documents/{document}"): lambda client: [
        client.patch("/documents/sealed-jinque.txt", json={"collections": ["shelf"]}),
        client.patch("/documents/yunxi.txt", json={"collections": ["vault"]}),
        client.patch("/documents/yunxi.txt", json={"collections": ["shelf"]}),
    ],
    ("post", "/documents"): lambda client: [upload(client, name) for name in ("new.txt", "sealed-jinque.txt")],
    ("put", "/documents/{document}"): lambda client: [
        client.put(f"/documents/{document_id(name)}", content=b"x") for name in HIDDEN
    ],
    ("delete", "/documents/{document}"): lambda client: [
        client.delete(f"/documents/{name}", params=params) for name in HIDDEN for params in ({}, {"dry_run": "true"})
    ],
    ("get", "/documents/{document}/status"): lambda client: [
        client.get(f"/documents/{name}/status") for name in ("yunxi.txt", *HIDDEN)
    ],
    ("get", "/origins"): lambda client: [client.get("/origins", params={"source": "upload"})],
    ("get", "/jobs"): lambda client: [client.get("/jobs")],
    ("get", "/jobs/events"): lambda client: [first_event(client)],
    ("get", "/jobs/{job_id}"): lambda client: [client.get(f"/jobs/{UNKNOWN}")],
    ("post", "/jobs/{job_id}/retry"): lambda client: [client.post(f"/jobs/{UNKNOWN}/retry")],
    ("post", "/jobs/{job_id}/cancel"): lambda client: [client.post(f"/jobs/{UNKNOWN}/cancel")],
    ("get", "/collections"): lambda client: [client.get("/collections")],
    ("post", "/collections"): lambda client: [client.post("/collections", json={"name": "vault"})],
    ("patch", "/collections/{collection}"): lambda client: [client.patch("/collections/vault", json={"name": "x"})],
    ("delete", "/collections/{collection}"): lambda client: [client.delete("/collections/vault")],
    ("put", "/collections/{collection}/documents"): lambda client: [
        client.put(f"/collections/{name}/documents", json={"documents": [*HIDDEN]}) for name in ("shelf", "vault")
    ],
    ("get", "/suggestions"): suggested,
    ("get", "/v1/models"): lambda client: [client.get("/v1/models")],
    ("get", "/v1/models/{model}"): lambda client: [client.get("/v1/models/report-qa")],
    ("post", "/v1/chat/completions"): completions,
    ("post", "/v1/embeddings"): lambda client: [
        client.post("/v1/embeddings", json={"model": client.get("/v1/models").json()["data"][1]["id"], "input": "粮食"})
    ],
    ("post", "/v1/responses"): lambda client: [
        *(client.post("/v1/responses", json={"model": "report-qa", "input": text}) for text in QUESTIONS[:3]),
        client.post("/v1/responses", json={"model": "report-qa", "input": QUESTIONS[0], "stream": True}),
        client.post(
            "/v1/responses", json={"model": "report-qa", "input": QUESTIONS[0], "documents": ["sealed-jinque.txt"]}
        ),
    ],
    ("get", "/v1/responses/{response_id}"): lambda client: [client.get(f"/v1/responses/{response(client)}")],
    ("get", "/v1/responses/{response_id}/input_items"): lambda client: [
        client.get(f"/v1/responses/{response(client)}/input_items")
    ],
    ("delete", "/v1/responses/{response_id}"): lambda client: [client.delete(f"/v1/responses/{response(client)}")],
    ("get", "/v1/vector_stores"): lambda client: [client.get("/v1/vector_stores")],
    ("get", "/v1/vector_stores/{store}"): lambda client: [client.get(f"/v1/vector_stores/{STORE}")],
    ("get", "/v1/vector_stores/{store}/files"): lambda client: [client.get(f"/v1/vector_stores/{STORE}/files")],
    ("get", "/v1/vector_stores/{store}/files/{file}"): lambda client: [
        client.get(f"/v1/vector_stores/{STORE}/files/{document_id(name)}") for name in ("yunxi.txt", *HIDDEN)
    ],
    ("post", "/v1/vector_stores/{store}/search"): lambda client: [
        client.post(f"/v1/vector_stores/{STORE}/search", json={"query": text}) for text in QUESTIONS[:4]
    ],
    ("get", "/v1/files"): lambda client: [client.get("/v1/files")],
    ("get", "/v1/files/{file}"): lambda client: [
        client.get(f"/v1/files/{document_id(name)}") for name in ("yunxi.txt", *HIDDEN)
    ],
    ("get", "/v1/files/{file}/content"): lambda client: [
        client.get(f"/v1/files/{document_id(name)}/content") for name in ("yunxi.txt", *HIDDEN)
    ],
    ("post", "/mcp"): mcp,
    ("get", "/metrics"): lambda client: [client.get("/metrics")],
}
"""What the limited key asks of each route. A new route needs a row."""


def found_in(response: httpx.Response, words: list[str]) -> list[str]:
    """Return the hidden words in a response, but for those that its own request sent."""
    content = response.request.content.decode()
    sent = f"{response.request.url!r} {content}"
    if response.request.headers.get("content-type") == "application/json":
        sent += json.dumps(json.loads(content or "0"), ensure_ascii=False)
    got = f"{response.headers!r} {response.text}"
    if response.headers.get("content-type", "").startswith("application/json"):
        got += json.dumps(response.json(), ensure_ascii=False)
    for asked in (*QUESTIONS, *FOLLOW_UPS):  # a conversation has the words of its own questions
        got = got.replace(asked, "")
    return [word for word in words if word in got.lower() and word not in sent.lower()]


def test_each_route_is_probed(served: Served) -> None:
    routes = {(method, path) for path, methods in served.app.openapi()["paths"].items() for method in methods}
    assert routes == PROBES.keys()


@pytest.mark.parametrize("route", PROBES, ids=" ".join)
def test_nothing_hidden_comes_back(served: Served, reader: httpx.Client, route: tuple[str, str]) -> None:
    words = served.words()
    for response in PROBES[route](reader):
        assert response.status_code < 500, response.text
        assert found_in(response, words) == [], (response.request.content.decode(), response.text)


def test_the_words_are_there_to_be_found(served: Served, insider: httpx.Client) -> None:
    """The same probes of a key that sees everything find them, or this file would prove nothing."""
    for route in [("post", "/chat"), ("get", "/documents"), ("post", "/mcp"), ("get", "/collections")]:
        said = [found_in(response, served.words()) for response in PROBES[route](insider)]
        assert any(said), route


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    kept = ("question", "standalone_question", "answer", "abstained", "reason", "sentences", "citations", "warnings")
    return {name: answer[name] for name in kept} | {"passages": [hit["text"] for hit in answer["passages"]]}


def test_answers_are_those_of_a_library_that_holds_nothing_else(
    served: Served, reader: httpx.Client, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, answerer="extractive")
    with open_library(settings) as library:
        library.ingest(RawDocument.of(*item) for item in SEEN.items())
        alone = QA(library, settings)
        for question in QUESTIONS:
            limited = reader.post("/chat", json={"question": question}).json()
            assert comparable(limited) == comparable(alone.ask(question).model_dump(mode="json")), question


def test_a_hidden_document_is_refused_as_an_unknown_one(reader: httpx.Client) -> None:
    for name in ("sealed-jinque.txt", "nothing.txt"):
        said = [
            reader.get(f"/documents/{name}"),
            reader.post("/chat", json={"question": "粮食？", "documents": [name]}),
            reader.patch(f"/documents/{name}", json={"collections": ["shelf"]}),
        ]
        for response in said:
            assert response.status_code == 404
            message = response.json()["error"]["message"]
            assert message == f"the library has no document {name!r}; `qa documents list` shows those it has"


def test_a_name_that_is_another_document_s_id_stands_for_nothing_else(
    served: Served, reader: httpx.Client, insider: httpx.Client
) -> None:
    """Such names are refused now; a library may hold some from before."""
    id = document_id("yunxi.txt")
    served.library.ingest([RawDocument.of(id, f"{HIDDEN['sealed-jinque.txt']}\n附录。\n")], collections=["vault"])
    try:
        read = {"name": "read_document", "arguments": {"document": "yunxi.txt"}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": read}
        said = [
            reader.get(f"/documents/{id}"),
            reader.get("/documents/yunxi.txt"),
            reader.get(f"/v1/files/{id}/content"),
            reader.post("/mcp", json=body, headers={"Accept": "application/json, text/event-stream"}),
        ]
        for response in said:
            assert "12.6" in response.text
            assert found_in(response, served.words()) == []
        assert reader.patch("/documents/yunxi.txt", json={"collections": ["shelf"]}).json()["name"] == "yunxi.txt"
        assert collections_of(insider)[id] == ["vault"]
    finally:
        served.library.remove_named(id)
    assert reader.get(f"/documents/{id}").json()["name"] == "yunxi.txt"


def test_a_conversation_stays_in_its_collections(insider: httpx.Client) -> None:
    asked = {"question": "各县2023年粮食总产量是多少？", "collections": ["shelf"]}
    first = insider.post("/chat", json=asked).json()
    assert {hit["document"] for hit in first["passages"]} == SEEN.keys()
    follow_up = {"question": "锦阙县呢？", "conversation_id": first["conversation_id"]}
    second = insider.post("/chat", json=follow_up).json()
    assert {hit["document"] for hit in second["passages"]} <= SEEN.keys()
    everywhere = insider.post("/chat", json={"question": "锦阙县粮食总产量是多少？"}).json()
    assert "73.41万吨" in everywhere["answer"]
    elsewhere = insider.post("/chat", json={**follow_up, "collections": ["vault"]})
    assert (elsewhere.status_code, elsewhere.json()["error"]["code"]) == (404, "unknown_collection")


def test_what_moves_is_seen_or_not_at_once(served: Served, reader: httpx.Client, insider: httpx.Client) -> None:
    question = {"question": "锦阙县粮食总产量是多少？"}
    assert insider.patch("/documents/sealed-jinque.txt", json={"collections": ["shelf", "vault"]}).status_code == 200
    assert "73.41万吨" in reader.post("/chat", json=question).json()["answer"]
    assert len(reader.get("/documents").json()["documents"]) == 3
    assert insider.patch("/documents/sealed-jinque.txt", json={"collections": ["vault"]}).status_code == 200
    assert "73.41" not in reader.post("/chat", json=question).text
    assert len(reader.get("/documents").json()["documents"]) == 2


def test_a_limited_key_leaves_other_collections_as_they_are(
    served: Served, reader: httpx.Client, insider: httpx.Client
) -> None:
    insider.patch("/documents/marrow.txt", json={"collections": ["shelf", "vault"]})
    changed = reader.patch("/documents/marrow.txt", json={"collections": ["shelf"]}).json()
    assert changed["collections"] == ["shelf"]
    of = {one["name"]: one["collections"] for one in insider.get("/documents").json()["documents"]}
    assert of["marrow.txt"] == ["shelf", "vault"]
    insider.patch("/documents/marrow.txt", json={"collections": ["shelf"]})
    for refused in (
        reader.post("/collections", json={"name": "mine"}),
        reader.get("/metrics"),
        reader.get("/origins", params={"source": "upload"}),
        reader.put("/documents/yunxi.txt", content=b"x", headers={"X-Source": "watch:/srv"}),
        reader.delete("/documents/yunxi.txt", headers={"X-Source": "watch:/srv"}),
    ):
        assert refused.status_code == 403
        assert "limited to some collections" in refused.json()["error"]["message"]


def test_a_key_whose_collection_is_gone_sees_nothing(served: Served, insider: httpx.Client) -> None:
    made = insider.post("/collections", json={"name": "brief"}).json()
    with served.client("brief", collections=["brief"]) as client:
        assert client.get("/collections").json()["collections"] == [made]
        assert insider.delete("/collections/brief").status_code == 204
        assert client.get("/collections").json()["collections"] == []
        assert client.get("/documents").json()["documents"] == []
        assert client.post("/chat", json={"question": QUESTIONS[0]}).json()["abstained"]


def test_collections_are_made_named_and_removed(insider: httpx.Client) -> None:
    made = insider.post("/collections", json={"name": " annual "}).json()
    assert (made["name"], made["document_count"]) == ("annual", 0)
    again = insider.post("/collections", json={"name": "annual"})
    assert (again.status_code, again.json()["error"]["code"]) == (400, "bad_collection")
    renamed = insider.patch(f"/collections/{made['id']}", json={"name": "yearly"}).json()
    assert renamed == {**made, "name": "yearly"}
    insider.patch("/documents/marrow.txt", json={"collections": ["yearly"]})
    kept = insider.delete("/collections/yearly")
    assert kept.status_code == 400
    assert "1 documents of the collection 'yearly' are in no other" in kept.json()["error"]["message"]
    insider.patch("/documents/marrow.txt", json={"collections": ["shelf"]})
    assert insider.delete("/collections/yearly").status_code == 204
    assert insider.delete("/collections/default").status_code == 400
    assert insider.patch("/documents/marrow.txt", json={"collections": []}).status_code == 422
    assert insider.patch("/documents/marrow.txt", json={"collections": ["yearly"]}).status_code == 404


def collections_of(client: httpx.Client) -> dict[str, list[str]]:
    return {one["name"]: one["collections"] for one in client.get("/documents").json()["documents"]}


def test_a_collection_is_filled_and_emptied_as_a_whole(insider: httpx.Client) -> None:
    before = collections_of(insider)
    insider.post("/collections", json={"name": "both"})
    at = "/collections/both/documents"
    filled = insider.put(at, json={"documents": ["yunxi.txt", document_id("sealed-jinque.txt")]}).json()
    assert (filled["name"], filled["document_count"]) == ("both", 2)
    assert collections_of(insider)["yunxi.txt"] == ["both", "shelf"]
    for documents in (["marrow.txt", "nothing.txt"], ["nothing.txt"]):
        assert insider.put(at, json={"documents": documents}).status_code == 404
    assert collections_of(insider)["marrow.txt"] == ["shelf"]
    insider.patch("/documents/yunxi.txt", json={"collections": ["both"]})
    refused = insider.put(at, json={"documents": []})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_collection")
    assert "'yunxi.txt' is in no other collection than 'both'" in refused.json()["error"]["message"]
    assert collections_of(insider)["sealed-jinque.txt"] == ["both", "vault"]  # nothing was half done
    assert insider.put(at, json={"documents": [], "orphans_to": "both"}).status_code == 400
    assert insider.put(at, json={"documents": [], "orphans_to": "shelf"}).json()["document_count"] == 0
    assert collections_of(insider) == before
    assert insider.delete("/collections/both").status_code == 204


def test_what_is_uploaded_into_a_collection_is_never_elsewhere(served: Served, insider: httpx.Client) -> None:
    text = "# 密报\n\n密报县2023年新建粮仓7座。\n".encode()
    with served.client("everyday", collections=["default"]) as everyday:
        sent = insider.post("/documents", params={"collection": "vault"}, files={"files": ("secret.txt", text)})
        (job,) = sent.json()["jobs"]
        while (now := insider.get(f"/jobs/{job['id']}").json())["state"] not in ("ready", "failed"):
            assert everyday.get("/documents").json()["documents"] == []
        assert (now["state"], collections_of(insider)["secret.txt"]) == ("ready", ["vault"])
        again = insider.post("/documents", params={"collection": ["shelf"]}, files={"files": ("secret.txt", text)})
        while insider.get(f"/jobs/{again.json()['jobs'][0]['id']}").json()["state"] not in ("ready", "failed"):
            time.sleep(0.02)
        assert collections_of(insider)["secret.txt"] == ["shelf", "vault"]
        unknown = insider.post("/documents", params={"collection": "none"}, files={"files": ("x.txt", text)})
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_collection")
    assert insider.delete("/documents/secret.txt").status_code == 202


def test_a_caller_learns_what_it_may_do(served: Served, reader: httpx.Client, insider: httpx.Client) -> None:
    assert insider.get("/access").json() == {"roles": ["ask", "download", "manage"], "whole_library": True}
    assert reader.get("/access").json() == {"roles": ["ask", "download", "manage"], "whole_library": False}
    with served.client("asks", roles=(Role.ASK,)) as client:
        assert client.get("/access").json() == {"roles": ["ask"], "whole_library": True}


MAY = {
    Role.ASK: [("get", "/documents"), ("get", "/suggestions"), ("get", "/v1/models"), ("get", "/conversations")],
    Role.DOWNLOAD: [("get", "/documents/yunxi.txt")],
    Role.MANAGE: [("post", "/collections"), ("delete", "/keys/none/conversations")],
}


@pytest.mark.parametrize("role", Role)
def test_a_key_does_what_its_role_allows(served: Served, role: Role) -> None:
    with served.client(f"only {role}", roles=(role,)) as client:
        for allowed, routes in MAY.items():
            for method, path in routes:
                response = client.request(method, path)
                if allowed is role:
                    assert response.status_code != 403
                else:
                    assert response.status_code == 403
                    assert f"with the role {allowed.value!r}, and yours has {role}" in response.text
        said = [one.text for one in mcp(client) if "云溪县新建小学3所" in one.text]
        assert not [text for text in said if role is not Role.DOWNLOAD and "metadata" in text]


def test_a_revoked_key_gets_no_more_events(served: Served) -> None:
    with served.client("leaving") as client, client.stream("GET", "/jobs/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: jobs"
        served.keys.revoke("leaving")
        assert not any(line.startswith((":", "event")) for line in lines)  # it ends before it is kept alive by a ping


def test_a_new_key_reads_and_changes_nothing(served: Served) -> None:
    info, _ = served.keys.add("plain")
    assert (info.roles, info.collections) == ((Role.ASK, Role.DOWNLOAD), None)
