"""``qa ask``: one question, its answer with footnotes or as JSON, and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from qa import messages
from qa.cli import backend, output
from qa.cli.streams import typed
from qa.errors import ServerError
from qa.sessions.chat import ChatAnswer
from qa.settings import load
from vectorstore.text.language import language_of

ANSWERED, ABSTAINED = 0, 3


def ask(
    question: str,
    conversation_id: str | None,
    documents: Sequence[str] | None,
    json: bool,
    collections: Sequence[str] | None = None,
) -> int:
    """Ask, print, and return the exit status.

    Raises:
        QAError, VectorStoreError
    """
    settings = load()
    if question == "-":
        question = sys.stdin.read()
    question = typed(question)
    looking = messages.LOOKING_UP(language_of(question))
    with backend.asker(settings) as asker, output.err().status(looking):
        answer = None
        for event in asker.stream(question, conversation_id, documents or None, collections=collections or None):
            if isinstance(event, ChatAnswer):
                answer = event
    if answer is None:
        raise ServerError("the stream ended without an answer; ask again")
    if json:
        print(answer.model_dump_json(indent=2))
    else:
        output.print_answer(answer, output.out())
    return ABSTAINED if answer.abstained and not answer.is_reply else ANSWERED
