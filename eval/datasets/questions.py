"""Question sets: one JSON object a line, read with the line's number in every error."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)

from qa.types import Turn
from vectorstore.places import Box

from ..errors import BadQuestionSet
from .lines import records

Split = Literal["dev", "test"]


class Quote(BaseModel):
    """Words of a document that an answer rests on: verbatim from its raw text, and contiguous."""

    model_config = ConfigDict(extra="allow", frozen=True)

    document: str = Field(min_length=1)
    quote: str = Field(min_length=1)
    page: int | None = Field(None, ge=1, description="Counted from 1, in a document that has pages.")
    boxes: tuple[Box, ...] = Field((), description="Where it stands on that page, a box for each line, in points.")

    @field_validator("boxes")
    @classmethod
    def _have_an_area(cls, boxes: tuple[Box, ...]) -> tuple[Box, ...]:
        for box in boxes:
            left, top, right, bottom = box
            if not (left < right and top < bottom and all(map(math.isfinite, box))):
                raise ValueError(f"{list(box)} is no box; it is left, top, right, bottom, from the page's top left")
        return boxes

    @model_serializer(mode="wrap")
    def _without_places(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave out a page and boxes that there aren't: fingerprints of questions without them stay as they are."""
        dumped: dict[str, object] = handler(self)
        return {key: value for key, value in dumped.items() if value or key not in ("page", "boxes")}


class Question(BaseModel):
    """A question and what a right answer to it holds."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(min_length=1)
    type: str = Field(min_length=1)
    question: str
    history: tuple[Turn, ...] = ()
    answerable: bool = Field(strict=True)
    answer: str = ""
    must_contain: tuple[tuple[str, ...], ...] | None = None
    must_not_contain: tuple[str, ...] = ()
    ok_if_contains: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Quote, ...] = ()
    note: str = ""
    split: Split | None = None

    @property
    def fingerprint(self) -> str:
        """Return 12 hex digits that change when anything does that is asked or that an answer is scored against."""
        asked = self.model_dump(include=_SCORED)
        return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


_SCORED = {
    "id",
    "type",
    "question",
    "history",
    "answerable",
    "answer",
    "must_contain",
    "must_not_contain",
    "ok_if_contains",
    "evidence",
}


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A file of questions, or a selection of it."""

    name: str
    """The file's name without its folder."""
    sha256: str
    """Of the whole file, whatever was selected."""
    questions: tuple[Question, ...]

    def select(
        self, split: Split | None = None, types: Iterable[str] | None = None, limit: int | None = None
    ) -> QuestionSet:
        """Return the questions of one split, of some types, and of those the first ``limit``.

        Raises:
            BadQuestionSet: a type that the set does not have, or nothing is left.
        """
        wanted = set(types) if types else None
        known = {q.type for q in self.questions}
        if wanted and wanted - known:
            raise BadQuestionSet(
                f"{self.name} has no questions of type {', '.join(sorted(wanted - known))}; "
                f"it has: {', '.join(sorted(known))}"
            )
        chosen = [
            q for q in self.questions if (split is None or q.split == split) and (wanted is None or q.type in wanted)
        ][:limit]
        if not chosen:
            raise BadQuestionSet(
                f"{self.name} has no question with split={split!r} and types={sorted(wanted or known)}"
            )
        return QuestionSet(self.name, self.sha256, tuple(chosen))


def load(path: Path) -> QuestionSet:
    """Read a question set.

    Raises:
        BadQuestionSet: the file can't be read, is empty, has a line that is not a question, or the same id twice. The
            message lists the first 20 faults, each as ``file:line: field: what is wrong``.
    """
    data, questions = records(path, _parse, "question")
    return QuestionSet(path.name, hashlib.sha256(data).hexdigest(), questions)


def fields(line: str) -> dict[str, Any]:
    """Return a line's fields as a question takes them: without those that are null.

    Raises:
        ValueError: it is no JSON object, or holds what can't be written as UTF-8.
    """
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError(f"not a JSON object but {type(value).__name__}")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair; write the character itself") from None
    groups = value.get("ok_if_contains")
    if isinstance(groups, list):  # a bare string is a group of one
        value["ok_if_contains"] = [[group] if isinstance(group, str) else group for group in groups]
    return {key: item for key, item in value.items() if item is not None}


def _parse(line: str) -> Question:
    return Question.model_validate(fields(line))


def conversations(questions: Sequence[Question]) -> list[tuple[Question, ...]]:
    """Group questions into conversations, each in the order of its turns; a question without turns is left out.

    Two questions are turns of one conversation when what the person said up to the first is the beginning of what the
    person said up to the second. A conversation is the chain that leads to a turn that no other continues, so that two
    conversations that begin alike and part ways are two.
    """
    said = {q.id: (*(turn.content for turn in q.history if turn.role == "user"), q.question) for q in questions}
    by_words: dict[tuple[str, ...], Question] = {}
    for q in questions:
        by_words.setdefault(said[q.id], q)
    continued = {words[:length] for words in said.values() for length in range(1, len(words))}
    chains = []
    for words in by_words:
        if len(words) > 1 and words not in continued:
            prefixes = (words[:length] for length in range(1, len(words) + 1))
            chains.append(tuple(by_words[prefix] for prefix in prefixes if prefix in by_words))
    return chains
