"""``qa chat``: questions and follow-ups, each answer as it comes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from qa import messages
from qa.cli import backend, output
from qa.cli.backend import Asker
from qa.cli.failure import print_error
from qa.errors import QAError
from qa.sessions.chat import ChatAnswer, ChatRewritten, ChatSentence
from qa.settings import load
from qa.types import AnswerSentence
from vectorstore.text.language import Language, language_of

HELP = "/new starts a new conversation, /quit (or Ctrl-D) ends, Ctrl-C stops an answer."


def chat(documents: Sequence[str] | None) -> None:
    """Read questions until the person quits.

    Raises:
        QAError, VectorStoreError: before the first question.
    """
    console = output.out()
    with backend.asker(load()) as asker:
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
                conversation_id = _turn(asker, line, conversation_id, documents, console)


def _read(console: Console) -> str | None:
    try:
        return console.input("[bold green]> [/]" if output.interactive() else "").strip()
    except (EOFError, KeyboardInterrupt):
        console.print()
        return None


def _turn(
    asker: Asker, question: str, conversation_id: str | None, documents: Sequence[str] | None, console: Console
) -> str | None:
    """Ask, print, and return the conversation's id."""
    previous: AnswerSentence | None = None
    try:
        for event in asker.stream(question, conversation_id, documents):
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
    except QAError as error:
        console.print()
        print_error(str(error))
    except KeyboardInterrupt:
        console.print(f"\n{messages.STOPPED(language_of(question))}", style="dim")
    console.print()
    return conversation_id
