"""API keys: access, separation of owners, and the rate limit."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI

from qa.answering.base import Answerer, Request
from qa.api.app import create_app
from qa.api.rate_limit import RateLimiter
from qa.errors import BadRequest, TooManyRequests, UnknownKey
from qa.pipeline import QA
from qa.sessions.access import Role
from qa.sessions.conversations import Conversations
from qa.sessions.keys import PATTERN, Keys
from qa.settings import Settings
from qa.types import DraftSentence
from vectorstore.library import Library
from vectorstore.storage.database import Database


@pytest.fixture
def keys(place: Path | str) -> Iterator[Keys]:
    with Database(place) as database:
        yield Keys(database)


def test_key_is_found_until_it_is_revoked(keys: Keys) -> None:
    info, key = keys.add(" Ada ")
    assert PATTERN.fullmatch(key)
    assert info.name == "Ada"
    assert keys.find(key) == info
    assert keys.list() == [info]
    other, other_key = keys.add("Grace")
    assert keys.revoke("Ada").id == info.id
    assert keys.find(key) is None
    assert keys.find(other_key) == other
    with pytest.raises(UnknownKey, match="Ada"):
        keys.revoke("Ada")
    assert [listed.revoked is None for listed in keys.list()] == [False, True]
    keys.add("Ada")  # the name is free again


def test_nothing_but_the_key_is_the_key(keys: Keys) -> None:
    info, key = keys.add("Ada")
    for wrong in ("", info.id, key[:-1], key + "x", key[:12] + "x" * 43, key.upper(), f"{key}\n", "\ud800", "秘密"):
        assert keys.find(wrong) is None


def test_key_is_nowhere_in_the_file(tmp_path: Path) -> None:
    with Database(tmp_path / "library.sqlite3") as database:
        _, key = Keys(database).add("Ada")
    content = (tmp_path / "library.sqlite3").read_bytes()
    assert key.encode() not in content
    assert key.split("-", 2)[2].encode() not in content
    assert b"Ada" in content


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb"])
def test_names_that_are_none(keys: Keys, name: str) -> None:
    with pytest.raises(BadRequest, match="a key's name has"):
        keys.add(name)


def test_name_is_given_once(keys: Keys) -> None:
    keys.add("Ada")
    with pytest.raises(BadRequest, match="there is a key called 'Ada'"):
        keys.add("Ada")


def test_key_of_another_process_holds_at_once(keys: Keys, place: Path | str) -> None:
    with Database(place) as other:
        info, key = Keys(other).add("Ada")
        assert keys.find(key) == info
        Keys(other).revoke(info.id)
        assert keys.find(key) is None


def test_bucket_refills_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    limiter = RateLimiter(per_minute=3, at_once=10)

    def ask(owner: str) -> None:
        with limiter.slot(owner):
            pass

    for _ in range(3):
        ask("a")
    with pytest.raises(TooManyRequests) as refused:
        ask("a")
    assert refused.value.retry_after == 20
    ask("b")
    now += 19
    with pytest.raises(TooManyRequests):
        ask("a")
    now += 1.01
    ask("a")
    with pytest.raises(TooManyRequests):
        ask("a")
    now += 1000
    for _ in range(3):
        ask("a")
    with pytest.raises(TooManyRequests):
        ask("a")


def test_slots_are_released(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter(per_minute=100, at_once=2)
    with (
        limiter.slot("a"),
        limiter.slot("a"),
        limiter.slot("b"),
        pytest.raises(TooManyRequests, match="2 questions of this key"),
        limiter.slot("a"),
    ):
        pass
    with limiter.slot("a"), limiter.slot("a"):
        pass


@pytest.mark.parametrize(
    ("host", "keys", "required"),
    [
        ("127.0.0.1", "auto", False),
        ("localhost", "auto", False),
        ("::1", "auto", False),
        ("0.0.0.0", "auto", True),
        ("::", "auto", True),
        ("reports.example", "auto", True),
        ("127.0.0.1", "on", True),
        ("0.0.0.0", "off", False),
    ],
)
def test_keys_are_asked_for_where_others_can_reach(host: str, keys: Any, required: bool) -> None:
    assert Settings(host=host, keys=keys).requires_key is required


@pytest.fixture
def keyed_settings(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"keys": "on", "key_questions_per_minute": 100, "key_questions_at_once": 1, "questions_waiting": 10}
    )


@pytest.fixture
def keyed(library: Library, keyed_settings: Settings, conversations: Conversations) -> FastAPI:
    return create_app(keyed_settings, QA(library, keyed_settings), conversations)


@pytest.fixture
def as_user(
    keyed: FastAPI, serving: Callable[[FastAPI], Any], library: Library
) -> Iterator[Callable[[str], httpx.Client]]:
    """``as_user("name")`` is a client with a new key; with "" it has none."""
    clients = []
    with serving(keyed) as url:

        def connect(name: str) -> httpx.Client:
            headers = {}
            if name:
                _, key = Keys(library.database).add(f"{name} {uuid.uuid4().hex}")
                headers["Authorization"] = f"Bearer {key}"
            clients.append(httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False))
            return clients[-1]

        yield connect
        for client in clients:
            client.close()


OPEN = {"/healthz", "/readyz", "/config"}


def test_every_route_but_the_open_ones_asks_for_a_key(keyed: FastAPI, as_user: Callable[[str], httpx.Client]) -> None:
    nobody = as_user("")
    operations = [(path, method) for path, methods in keyed.openapi()["paths"].items() for method in methods]
    for path, method in [*operations, ("/openapi.json", "GET")]:
        response = nobody.request(method, path.replace("{", "").replace("}", ""), json={})
        if path in OPEN:
            assert response.status_code == 200, (method, path)
            continue
        assert response.status_code == 401, (method, path)
        assert response.headers["www-authenticate"] == "Bearer"
        assert "qa keys add" in response.json()["error"]["message"]
    assert len(operations) > 15
    assert nobody.get("/").status_code == 200
    assert nobody.get("/config").json()["requires_key"] is True


def test_wrong_and_revoked_keys_are_refused(as_user: Callable[[str], httpx.Client], library: Library) -> None:
    client = as_user("Ada")
    assert client.get("/documents").status_code == 200
    for header in ("Bearer x", "Basic eDp5", "Bearer", client.headers["Authorization"] + "x"):
        response = client.get("/documents", headers={"Authorization": header})
        assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorized")
    Keys(library.database).revoke(client.headers["Authorization"].split("-")[1])
    assert client.get("/documents").status_code == 401


def test_one_key_sees_nothing_of_another_s(as_user: Callable[[str], httpx.Client], question: str) -> None:
    ada, grace = as_user("Ada L."), as_user("Grace H.")
    conversation = ada.post("/conversations", json={}).json()["id"]
    message = ada.post("/chat", json={"question": question, "conversation_id": conversation}).json()["message_id"]
    ada.post("/feedback", json={"message_id": message, "rating": "up"})
    path = f"/conversations/{conversation}"
    for method, where, body in (
        ("GET", path, None),
        ("GET", f"{path}/export", None),
        ("PATCH", path, {"title": "mine"}),
        ("DELETE", path, None),
        ("POST", "/chat", {"question": question, "conversation_id": conversation}),
        ("POST", "/feedback", {"message_id": message, "rating": "down"}),
        ("DELETE", f"/feedback/{message}", None),
    ):
        assert grace.request(method, where, json=body).status_code == 404, (method, where)
    assert grace.get("/conversations").json()["conversations"] == []
    assert grace.get("/feedback").json()["feedback"] == []
    assert [item["id"] for item in ada.get("/conversations").json()["conversations"]] == [conversation]
    assert [item["rating"] for item in ada.get("/feedback").json()["feedback"]] == ["up"]
    assert len(ada.get(path).json()["messages"]) == 2


def test_what_a_revoked_key_left_behind_can_be_deleted(
    as_user: Callable[[str], httpx.Client], library: Library, question: str
) -> None:
    ada, grace, keys = as_user("Ada"), as_user("Grace"), Keys(library.database)
    for client in (ada, grace):
        assert client.post("/chat", json={"question": question}).status_code == 200
        assert client.post("/v1/responses", json={"model": "report-qa", "input": question}).status_code == 200
    adas = ada.headers["Authorization"].split("-")[1]
    path = f"/keys/{adas}/conversations"
    admin = as_user("")
    _, key = keys.add("admin", [Role.MANAGE])
    admin.headers["Authorization"] = f"Bearer {key}"
    refused = admin.delete(path)
    assert (refused.status_code, "is not revoked" in refused.text) == (400, True)
    keys.revoke(adas)
    assert grace.delete(path).status_code == 403
    limited = as_user("")
    _, key = keys.add("limited", [Role.MANAGE], library.scope(["default"]))
    limited.headers["Authorization"] = f"Bearer {key}"
    assert limited.delete(path).status_code == 403
    assert admin.delete(path).json() == {"key": adas, "conversations": 1, "responses": 1}
    assert admin.delete(path).json() == {"key": adas, "conversations": 0, "responses": 0}
    assert admin.delete("/keys/nobody/conversations").status_code == 404
    graces = grace.headers["Authorization"].split("-")[1]
    keys.revoke(graces)
    assert keys.forget(graces) == (graces, 1, 1)


def test_conversations_from_before_there_were_keys_are_given_to_one(keys: Keys, place: Path | str) -> None:
    with Database(place) as database:
        stored = Conversations(database)
        before, graces = stored.create(), stored.create(keys.add("Grace")[0].id)
        ada = keys.add("Ada")[0].id
        keys.add("Limited", collections=keys.collections.scope(["default"]))
        with pytest.raises(BadRequest, match="limited to some collections"):
            keys.adopt("Limited")
        with pytest.raises(UnknownKey):
            keys.adopt("nobody")
        assert keys.adopt("Ada") == (ada, 1, 0)
        assert [one.id for one in stored.recent(owner=ada)] == [before.id]
        assert keys.adopt("Ada") == (ada, 0, 0)
        assert graces.id not in [one.id for one in stored.recent(owner=ada)]


def test_a_name_of_several_revoked_keys_says_which(keys: Keys) -> None:
    ids = []
    for _ in range(2):
        ids.append(keys.add("Ada")[0].id)
        keys.revoke("Ada")
    with pytest.raises(BadRequest, match=f"{ids[0]}, {ids[1]}|{ids[1]}, {ids[0]}"):
        keys.forget("Ada")
    assert keys.forget(ids[0]) == (ids[0], 0, 0)
    keys.add("Ada")
    with pytest.raises(BadRequest, match="is not revoked"):
        keys.forget("Ada")


class Waiting(Answerer):
    """An answerer that says a sentence when it is let go."""

    name = "waiting"

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.works = threading.Event()

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        self.works.set()
        self.go_on.wait(20)
        yield from ()


def test_one_key_s_questions_do_not_keep_another_out(
    keyed: FastAPI, as_user: Callable[[str], httpx.Client], question: str, wait_until: Callable[..., None]
) -> None:
    waiting = Waiting()
    keyed.state.service.chat.qa.answerer = waiting
    ada, grace = as_user("Ada"), as_user("Grace")
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(ada.post("/chat", json={"question": question}).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    assert waiting.works.wait(20)
    refused = ada.post("/chat", json={"question": question, "stream": True})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["error"]["code"] == "too_many_requests"
    sdk = openai.OpenAI(base_url=f"{ada.base_url}/v1", api_key=ada.headers["Authorization"][7:], max_retries=0)
    with sdk, pytest.raises(openai.RateLimitError):
        sdk.chat.completions.create(model="report-qa", messages=[{"role": "user", "content": question}])
    with grace.stream("POST", "/chat", json={"question": question, "stream": True}) as response:
        assert response.status_code == 200
        assert next(response.iter_lines()) == "event: started"
    waiting.go_on.set()
    thread.join()
    assert statuses == [200]
    wait_until(lambda: keyed.state.service.workers.pending == 0)
    wait_until(lambda: grace.post("/chat", json={"question": question}).status_code == 200)  # its place is free again


def test_more_than_a_minute_s_questions_are_refused(
    keyed: FastAPI, as_user: Callable[[str], httpx.Client], question: str
) -> None:
    keyed.state.service.rate_limiter = RateLimiter(per_minute=2, at_once=4)
    client = as_user("Ada")
    statuses = [client.post("/chat", json={"question": question}) for _ in range(3)]
    assert [response.status_code for response in statuses] == [200, 200, 429]
    assert 1 <= int(statuses[-1].headers["retry-after"]) <= 30
    assert client.get("/conversations").status_code == 200  # looking is free
