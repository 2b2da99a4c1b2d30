"""Two processes that add the same thing at once: the second gets what the first made, or is told of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from qa.errors import BadRequest
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.sessions.retries import turn_ids
from qa.types import Answer
from vectorstore.errors import BadCollection, KeyReused, UnknownCollection
from vectorstore.storage.collections import Collections
from vectorstore.storage.database import Database

ANSWER = Answer(
    question="问？", standalone_question="问？", answer="没有。", abstained=True, sentences=[], citations=[]
)


@pytest.fixture
def pair(postgres_url: str) -> Iterator[tuple[Database, Database]]:
    """What two processes have open."""
    with Database(postgres_url) as one, Database(postgres_url) as other:
        yield one, other


def raced(pair: tuple[Database, Database], add: Callable[[Database], Any]) -> tuple[Any, Any]:
    """Let both add; the second begins when the first has added and not committed yet. Return what each got."""
    one, other = pair
    begun = threading.Event()

    def second() -> Any:
        begun.set()
        try:
            return add(other)
        except Exception as error:
            return error

    with ThreadPoolExecutor(1) as pool:
        with one.transaction():
            first = add(one)
            later = pool.submit(second)
            begun.wait(10)
            threading.Event().wait(0.3)
            assert not later.done()
        return first, later.result(20)


def test_a_conversation_of_an_id_is_made_once(pair: tuple[Database, Database]) -> None:
    first, second = raced(pair, lambda database: Conversations(database).create("ada", id="c"))
    assert (first.id, first.created) == (second.id, second.created)


def test_a_turn_is_stored_once(pair: tuple[Database, Database]) -> None:
    ids = turn_ids("", "key", {})
    for name in ("a", "b"):
        Conversations(pair[0]).create(id=name)
    names = iter(("a", "b"))
    _, second = raced(pair, lambda database: Conversations(database).append(next(names), ANSWER, ids=ids))
    assert isinstance(second, KeyReused)


def test_a_name_is_given_to_one_collection(pair: tuple[Database, Database]) -> None:
    assert isinstance(raced(pair, lambda database: Collections(database).add("shelf"))[1], BadCollection)
    made = iter([Collections(pair[0]).add(name).id for name in ("x", "y")])
    _, second = raced(pair, lambda database: Collections(database).rename(next(made), "vault"))
    assert isinstance(second, BadCollection)


def test_a_name_is_given_to_one_key(pair: tuple[Database, Database]) -> None:
    assert isinstance(raced(pair, lambda database: Keys(database).add("Ada"))[1], BadRequest)
    assert len(Keys(pair[0]).list()) == 1


def test_a_document_is_never_put_into_a_collection_that_is_being_removed(
    open_library: Callable[..., Any], reports: Any, postgres_url: str, chroma_server: str, tmp_path: Any
) -> None:
    options = {"database_url": postgres_url, "chroma_url": chroma_server}
    one, other = (open_library(tmp_path / name, **options) for name in ("one", "other"))
    one.ingest(reports[:1])
    name = reports[0].name

    def remove(_: Database) -> None:
        one.membership.remove("shelf")

    def put(_: Database) -> None:
        other.membership.put([name], ["shelf"])

    for first, second in ((remove, put), (put, remove)):
        one.membership.add("shelf")
        turns = iter((first, second))
        databases = (one.database, other.database) if first is remove else (other.database, one.database)
        _, told = raced(databases, lambda database, turns=turns: next(turns)(database))
        assert isinstance(told, UnknownCollection if first is remove else BadCollection)
        assert one.collections_of([one.document_info(name).id])
