"""Drafts questions from feedback, so that the gate keeps asking what got a thumbs-down.

A person then says what a right answer is, in ``must_contain`` and ``evidence``, or deletes the line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qa.sessions.conversations import Conversations
from qa.sessions.feedback import FeedbackStore, RatedAnswer
from vectorstore.storage.database import Database
from vectorstore.text.language import has_han

from ..errors import EvalError
from .draft import Line

_TODO = (
    "say in must_contain what a right answer has to name and quote its evidence, "
    "or set answerable to false when the documents don't say"
)


def read(database: Path | str) -> list[RatedAnswer]:
    """Return everybody's thumbs-down in a library, newest first; a server may own it meanwhile.

    Args:
        database: its SQLite file, or the URL of its Postgres database.

    Raises:
        EvalError: there is no library.
        LibraryError
    """
    if isinstance(database, Path) and not database.exists():
        raise EvalError(
            f"there is no library in {database.parent}, and so no feedback; set QA_DATA_DIR to the one that has it"
        )
    with Database(database) as opened:
        return FeedbackStore(Conversations(opened)).recent("down", limit=100_000, owner=None)


def draft(opinions: Iterable[RatedAnswer]) -> list[Line]:
    """Return a line for each question with a thumbs-down; of several on the same question the newest counts."""
    lines: dict[tuple[str, ...], Line] = {}
    for rated in opinions:
        said = (*(turn.content for turn in rated.history if turn.role == "user"), rated.answer.question)
        lines.setdefault(said, _line(rated))
    return list(lines.values())


def _line(rated: RatedAnswer) -> Line:
    answer = rated.answer
    kind = "follow_up" if rated.history else "single_fact" if has_han(answer.question) else "english"
    how = "abstained" if answer.abstained else "answered"
    line: Line = {
        "id": f"feedback-{rated.message_id[:12]}",
        "type": kind,
        "question": answer.question,
        "answerable": True,
        "answer": "",
        "note": f"draft from feedback ({how}): {rated.comment or 'no comment'}; {_TODO}",
        "feedback": {
            "created": rated.created,
            "comment": rated.comment,
            "standalone_question": answer.standalone_question,
            "answer": answer.answer,
            "cited": [{"document": c.document, "quote": c.quote} for c in answer.citations],
        },
    }
    if rated.history:
        line["history"] = [turn.model_dump() for turn in rated.history]
    return line
