"""``qa chat``: questions and follow-ups, each answer as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.console import Console

from qa import messages
from qa.cli import backend, output
from qa.cli.failure import print_error
from qa.cli.streams import typed
from qa.errors import QAError
from qa.sessions.chat import ChatAnswer, ChatEvent, ChatRewritten, ChatSentence
from qa.settings import load
from qa.types import AnswerSentence
from vectorstore.errors import VectorStoreError
from vectorstore.text.language import Language, language_of

HELP = "/new starts a new conversation, /quit (or Ctrl-D) ends, Ctrl-C stops an answer."


def chat(documents: Sequence[str] | None, collections: Sequence[str] | None = None) -> None:
    """Read questions until the person quits.

    Raises:
        QAError, VectorStoreError: before the first question.
    """
    console = output.out()
    with backend.asker(load()) as asker:
        ask = partial(asker.stream, documents=documents or None, collections=collections or None)
        console.print(HELP, style="dim")
        conversation_id: str | None = None
        language: Language = "en"  # of the last question
        while (line := _read(console)) is not None:
            if line == "/quit":
                break
            if line == "/new":
                conversation_id = None
                console.print(messages.NEW_CONVERSATION(language), style="dim")
            elif line.startswith("/"):
                console.print(HELP, style="dim")
            elif line:
                if any(char.isalpha() for char in line):
                    language = language_of(line)
                conversation_id = _turn(ask, line, conversation_id, console)


def _read(console: Console) -> str | None:
    try:
        return typed(console.input("[bold green]> [/]" if output.interactive() else "")).strip()
    except (EOFError, KeyboardInterrupt):
        console.print()
        return None


def _turn(
    ask: Callable[[str, str | None], Iterator[ChatEvent]], question: str, conversation_id: str | None, console: Console
) -> str | None:
    """Ask, print, and return the conversation's id."""
    previous: AnswerSentence | None = None
    try:
        for event in ask(question, conversation_id):
            if isinstance(event, ChatRewritten):
                output.print_rewritten(question, event.standalone_question, console)
            elif isinstance(event, ChatSentence):
                sentence = AnswerSentence(**event.model_dump(include=set(AnswerSentence.model_fields)))
                output.print_sentence(sentence, previous, language_of(question), console)
                previous = sentence
            elif isinstance(event, ChatAnswer):
                if event.abstained:
                    output.print_abstention(event, console)
                output.print_notes(event, console)
                conversation_id = event.conversation_id
    except (QAError, VectorStoreError) as error:  # it may pass, and the conversation is worth keeping
        console.print()
        print_error(str(error))
    except KeyboardInterrupt:
        console.print(f"\n{messages.STOPPED(language_of(question))}", style="dim")
    console.print()
    return conversation_id
