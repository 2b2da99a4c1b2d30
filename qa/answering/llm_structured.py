"""Structured output: an answer by a JSON schema, for endpoints that have it, and when text is asked for instead."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from qa.answering.citations import label_passages
from qa.answering.llm_json import JsonReader, is_json
from qa.answering.llm_prompt import prompt
from qa.errors import ModelContextExceeded, ModelCut, ModelError, ModelRefused, ModelTimeout, ModelUnreachable
from qa.llm.base import Message, Model, Piece, Schema
from qa.llm.output import NO_ANSWER, without_thoughts
from qa.types import Candidate
from vectorstore.text.language import Language

STRUCTURED = "structured"
_SENTENCES = "sentences"
_OTHER_FAULTS = frozenset({401, 402, 403, 407, 408, 409, 413, 429, 502, 503, 504})
"""Statuses that say nothing of what was asked for: keys, limits, proxies. Servers refuse a schema with nearly any other
one, 404 and 500 among them."""


def answer_schema(shown: Sequence[Candidate]) -> Schema:
    """Return the schema of an answer: its sentences, each with labels of the passages ``shown`` and with no others."""
    labels = {"type": "array", "items": {"type": "string", "enum": list(label_passages(shown))}}
    sentence = _closed_object({"text": {"type": "string"}, "labels": labels})
    return Schema("answer", _closed_object({_SENTENCES: {"type": "array", "items": sentence}}))


def is_about_the_form(error: ModelError) -> bool:
    """Whether a call with a schema may have failed because of it, so that it is worth asking for text."""
    if isinstance(error, (ModelContextExceeded, ModelCut, ModelTimeout, ModelUnreachable)):
        return False
    return not isinstance(error, ModelRefused) or error.upstream_status not in _OTHER_FAULTS


class Form(Enum):
    """What a model makes of the wish for JSON by a schema."""

    STRUCTURED = "such JSON"
    TEXT = "text, or JSON of another form, which is read too"
    BROKEN = "the beginning of JSON, or nothing"


class StructuredReply:
    """A call with a schema, and what came of it, as far as it has been read."""

    def __init__(self, language: Language) -> None:
        """``language`` is that of the prompt."""
        self._language = language
        self._written: list[str] = []

    def stream(self, model: Model, messages: Sequence[Message], shown: Sequence[Candidate]) -> Iterator[Piece]:
        """Yield what the model makes of ``messages``; see ``Model.stream``.

        The rules also say how the JSON is to be written: not every endpoint shows its model the schema, and a grammar
        alone doesn't tell what belongs where.
        """
        rules, *rest = messages
        rules = rules._replace(content=rules.content + prompt(STRUCTURED, self._language))
        yield from model.stream([rules, *rest], answer_schema(shown))

    def noting(self, pieces: Iterable[str]) -> Iterator[str]:
        """Yield ``pieces``, and keep them."""
        for piece in pieces:
            self._written.append(piece)
            yield piece

    @property
    def form(self) -> Form:
        """The form of what has come so far, which is at least its first sentence, or all."""
        text = self._text
        if is_json(text) is False:
            return Form.TEXT if any(map(str.isalnum, text)) else Form.BROKEN
        if any(JsonReader().read(text)):
            return Form.STRUCTURED
        try:
            answer = json.loads(text)
        except ValueError:
            return Form.BROKEN
        return Form.STRUCTURED if isinstance(answer, dict) and isinstance(answer.get(_SENTENCES), list) else Form.TEXT

    @property
    def declines(self) -> bool:
        """Whether it says that there is no answer."""
        return NO_ANSWER in self._text or self.form is Form.STRUCTURED

    @property
    def _text(self) -> str:
        return without_thoughts("".join(self._written)).strip()


def _closed_object(properties: dict[str, object]) -> dict[str, object]:
    """Return the schema of an object that has all of ``properties`` and no more, as strict endpoints require."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
