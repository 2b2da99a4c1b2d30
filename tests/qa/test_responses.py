"""Stored responses: how long they are kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from qa.errors import UnknownResponse
from qa.sessions.responses import KEPT_SECONDS, Responses, StoredResponse
from qa.types import Answer
from vectorstore.storage.database import Database


def response(id: str, question: str, age: int) -> StoredResponse:
    answer = Answer(question=question, standalone_question=question, answer="", abstained=True)
    return StoredResponse(id, None, int(time.time()) - age, {}, (), answer)


@pytest.mark.parametrize("question", ["茶园面积多少亩？", "How many mills are there?"])
def test_a_response_is_known_for_as_long_as_is_said(tmp_path: Path, question: str) -> None:
    """Also where none has come since, which deletes those that are too old."""
    with Database(tmp_path / "library.sqlite3") as database:
        responses = Responses(database)
        responses.put(response("kept", question, KEPT_SECONDS - 100))
        responses.put(response("old", question, KEPT_SECONDS + 100))
        assert responses.get("kept").answer.question == question
        with pytest.raises(UnknownResponse, match="30 days"):
            responses.get("old")
