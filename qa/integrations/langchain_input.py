"""The inputs that LangChain's programs give a chain, as a question with its history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, convert_to_messages
from langchain_core.prompt_values import PromptValue

from qa.errors import BadQuestion
from qa.types import Turn

QUESTION_KEYS = ("question", "input", "query")
"""A question's keys, of which one is expected."""
HISTORY_KEYS = ("chat_history", "history", "messages")
_CITATION_MARK = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class ChainInput:
    question: str
    history: Sequence[Turn] = ()
    documents: Sequence[str] | None = None


def chain_input(given: Any) -> ChainInput:
    """Return the question in a string, a dictionary, a message, messages, or the value of a prompt.

    Raises:
        BadQuestion: there is none; the message says where it is looked for.
    """
    if isinstance(given, str):
        return ChainInput(given)
    if isinstance(given, PromptValue):
        given = given.to_messages()
    if isinstance(given, BaseMessage):
        given = [given]
    if isinstance(given, Mapping):
        return _of_mapping(given)
    if isinstance(given, Sequence):
        return _of_messages(given, None)
    raise _nothing_asked(f"it is of type {type(given).__name__}")


def _of_mapping(given: Mapping[str, Any]) -> ChainInput:
    documents = given.get("documents")
    if isinstance(documents, str):
        documents = [documents]
    history = next((given[key] for key in HISTORY_KEYS if given.get(key)), ())
    for key in QUESTION_KEYS:
        question = given.get(key)
        if isinstance(question, str):
            return ChainInput(question, list(_turns(history)), documents)
        if question:  # messages under that key
            asked = chain_input(question)
            return ChainInput(asked.question, [*_turns(history), *asked.history], documents)
    if history:
        return _of_messages(history, documents)
    raise _nothing_asked(f"it has the keys {', '.join(map(repr, given)) or 'of nothing'}")


def _of_messages(given: Any, documents: Sequence[str] | None) -> ChainInput:
    messages = list(_messages(given))
    last = max((place for place, one in enumerate(messages) if isinstance(one, HumanMessage)), default=None)
    if last is None:
        raise _nothing_asked("no message is by a human")
    return ChainInput(messages[last].text, list(_turns(messages[:last])), documents)


def _turns(given: Any) -> Iterator[Turn]:
    for message in _messages(given):
        if isinstance(message, HumanMessage) and message.text.strip():
            yield Turn(role="user", content=message.text)
        elif isinstance(message, AIMessage) and message.text.strip():
            yield Turn(role="assistant", content=_CITATION_MARK.sub("", message.text))


def _messages(given: Any) -> Iterator[BaseMessage]:
    """Yield the messages of a history: LangChain's in any form, turns, or pairs of a question and its answer."""
    listed: Iterable[Any] = [given] if isinstance(given, str | Mapping) else given
    for one in listed:
        if isinstance(one, Turn):
            yield HumanMessage(one.content) if one.role == "user" else AIMessage(one.content)
        elif isinstance(one, tuple) and len(one) == 2 and str(one[0]) not in _ROLES:
            yield from (HumanMessage(str(one[0])), AIMessage(str(one[1])))
        else:
            try:
                yield from convert_to_messages([one])
            except (ValueError, TypeError, NotImplementedError) as error:
                raise _nothing_asked(f"{str(one)[:60]!r} is no message") from error


_ROLES = frozenset(("human", "user", "ai", "assistant", "system", "developer", "tool", "function"))


def _nothing_asked(why: str) -> BadQuestion:
    return BadQuestion(
        f"there is no question in the input: {why}; give a string, a dictionary with {' or '.join(QUESTION_KEYS)} "
        f"(and {HISTORY_KEYS[0]}), or messages whose last one by a human is the question"
    )
