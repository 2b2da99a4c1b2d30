"""Drafting questions from feedback: what people were not content with becomes a question that the gate goes on asking.

What a right answer is nobody has said yet; a person says it, in ``must_contain`` and ``evidence``, or deletes the line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from eval.datasets.draft import Line, is_chinese
from eval.errors import EvalError
from qa.sessions.feedback import FeedbackStore, RatedAnswer

_TODO = (
    "say in must_contain what a right answer has to name and quote its evidence, "
    "or set answerable to false when the documents don't say"
)


def read(data_dir: Path) -> list[RatedAnswer]:
    """Return everybody's thumbs-down in a library, newest first; a server may own it meanwhile.

    Raises:
        EvalError: there is no library.
        LibraryError
    """
    from qa.sessions.conversations import Conversations
    from vectorstore.storage.database import Database

    file = data_dir / "library.sqlite3"
    if not file.exists():
        raise EvalError(
            f"there is no library in {data_dir}, and so no feedback; set QA_DATA_DIR to the one that has it"
        )
    with Database(file) as database:
        return FeedbackStore(Conversations(database)).recent("down", limit=100_000, owner=None)


def draft(opinions: Iterable[RatedAnswer]) -> list[Line]:
    """Return a line for each question that somebody was not content with; the newest opinion on the same one counts."""
    lines: dict[tuple[str, ...], Line] = {}
    for rated in opinions:
        said = (*(turn.content for turn in rated.history if turn.role == "user"), rated.answer.question)
        lines.setdefault(said, _line(rated))
    return list(lines.values())


def _line(rated: RatedAnswer) -> Line:
    answer = rated.answer
    kind = "follow_up" if rated.history else "single_fact" if is_chinese(answer.question) else "english"
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
