"""The values that a question becomes on its way to a verified answer, and the answer as callers see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vectorstore.types import Sentence, Spans, StoredPassage


class Turn(BaseModel):
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved passage. ``score`` is the fused score, best first, only comparable inside one question."""

    stored: StoredPassage
    score: float
    dense: int | None = None
    """Its best rank, from 1, in a search of the dense index; None where that didn't find it."""
    lexical: int | None = None
    """The same for the lexical index."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of one passage that a sentence rests on: ``cut(raw, spans) == quote``."""

    stored: StoredPassage
    quote: str
    spans: Spans

    @classmethod
    def of(cls, stored: StoredPassage, sentence: Sentence) -> Evidence:
        return cls(stored, sentence.text, sentence.spans)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands in the structure of an answer, as ``AnswerSentence`` describes it."""

    block: int = 0
    item: str = ""
    lead_in: str = ""
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of an answer before verification.

    ``evidence`` is what it rests on: what an answerer cut itself, or found for the labels that a model wrote.
    """

    text: str
    evidence: tuple[Evidence, ...] = ()
    unknown_labels: int = 0
    """How many labels of a model's sentence name no passage that it was shown."""
    place: Place = Place()
    document: str = ""
    """Name of the document under which the sentence is said, where several are compared; empty when none is."""


class Citation(BaseModel):
    """Where a sentence comes from: ``"".join(text[start:end] for start, end in spans) == quote``."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(ge=1, description="As in the answer's [1].")
    document: str = Field(description="The document's name.")
    document_id: str
    title: str
    section: str
    quote: str
    spans: list[tuple[int, int]] = Field(description="Code points into the document's raw text, end exclusive.")


class AnswerSentence(BaseModel):
    """A verified sentence and the numbers of the citations that carry it."""

    text: str
    citations: list[int]
    document: str = Field(
        default="", description="Name of the document under which it is said, where several are compared; else empty."
    )
    block: int = Field(
        default=0,
        description="The paragraph, list or table that it stands in, counted; blocks have an empty line between.",
    )
    item: str = Field(
        default="",
        description="What begins its line, as in Markdown: `- `, `1. `, indented in a list inside a list, or `|` for a "
        "table's row, whose text is the row. Empty where it continues a line.",
    )
    lead_in: str = Field(
        default="", description="What introduces it on a line of its own (`There are three:`); no claim, so not cited."
    )
    markdown: str = Field(default="", description="Its text with bold words in `**`; empty where none is bold.")


class PassageHit(BaseModel):
    """A retrieved passage, as ranked."""

    document: str
    document_id: str
    title: str
    section: str
    text: str
    spans: list[tuple[int, int]]
    score: float
    dense_rank: int | None = Field(default=None, description="Best rank in the dense index; null if not found there.")
    lexical_rank: int | None = Field(default=None, description="Best rank in the lexical index.")


class Latency(BaseModel):
    """Milliseconds."""

    rewrite: float = 0.0
    retrieve: float = 0.0
    answer: float = 0.0
    total: float = 0.0


AbstentionReason = Literal[
    "nothing_found",  # retrieval came back empty
    "not_stated",  # something related was found, and nothing that answers
    "not_about_the_reports",  # off topic
    "unverified",  # an answer was drafted and no sentence of it survived verification
]


class Answer(BaseModel):
    """An answer, or an abstention: ``abstained`` with a ``reason``, no sentences and no citations."""

    question: str
    standalone_question: str
    answer: str = Field(
        description="The sentences with their citation marks, or a sentence that says there is no answer."
    )
    abstained: bool
    reason: AbstentionReason | None = None
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    passages: list[PassageHit] = Field(default=[], description="As ranked, best first.")
    latency_ms: Latency = Latency()
    answerer: str = ""
    warnings: list[str] = Field(default=[], description="For people: what went less well, e.g. a model that failed.")
    dropped: int = Field(default=0, description="Sentences that failed verification.")
    unknown_labels: int = Field(default=0, description="Citation labels that the model invented.")


# What the pipeline hands over while it works, in this order: Started, Rewritten, Retrieved, Said*, Finished.
@dataclass(frozen=True, slots=True)
class Started:
    question: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    standalone_question: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    passages: list[PassageHit]


@dataclass(frozen=True, slots=True)
class Said:
    """One verified sentence, with the citations that are new with it (numbers run on over the answer)."""

    sentence: AnswerSentence
    citations: list[Citation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Finished:
    answer: Answer


Event = Started | Rewritten | Retrieved | Said | Finished
History = Sequence[Turn]
