"""The values that a question becomes on its way to a verified answer, and the answer as callers see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from vectorstore.text.tables import quoted_row
from vectorstore.types import Sentence, Span, Spans, StoredPassage


class Intent(StrEnum):
    """What a message wants; see ``qa.question.intents``."""

    QUESTION = "question"
    SMALL_TALK = "small_talk"
    """ "Hello", "thanks", "I see", "bye"."""
    SERVICE = "service"
    """What this service can do, and which documents it has."""
    OVERVIEW = "overview"
    """What a document, several, or all of them are about."""
    MORE = "more"
    """More of what was answered last."""


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
    section: str = ""
    """The heading under which it is said, in an overview; else empty."""
    answer_span: Span | None = None
    """Where in ``text`` the value stands that was asked for: start and end in code points."""
    premise: str = ""
    """Sentences of the answer that it concludes from ("So A has more"); empty where its evidence is enough."""


class CitedPlace(BaseModel):
    """Where a citation stands on one page of its document."""

    model_config = ConfigDict(frozen=True)

    page: int = Field(ge=1, description="Counted from 1.")
    label: str = Field(description="What is printed on the page, or the sheet's name.")
    boxes: list[tuple[float, float, float, float]] = Field(
        description="Left, top, right, bottom of each line, in points from the top left corner of the page as shown."
    )
    page_size: tuple[float, float] | None = Field(description="Width and height in points; null where it has none.")
    kind: Literal["page", "slide", "sheet"] = "page"


class QuotedTable(BaseModel):
    """A quotation that is a row of a table: to be shown as a small table."""

    model_config = ConfigDict(frozen=True)

    caption: str = Field(description="What stands above the table's header: the unit, mostly.")
    header: list[str] = Field(description="The names of the columns.")
    cells: list[str] = Field(description="The row's cells, one for each column.")

    @classmethod
    def of(cls, text: str) -> QuotedTable | None:
        """Return the parts of a quotation; None where it is no row below its header."""
        found = quoted_row(text)
        return None if found is None else cls(caption=found.caption, header=found.header, cells=found.cells)


def _may_lack_table(schema: dict[str, Any]) -> None:
    """Say that ``table`` may be left out: examples in OpenAPI have no nulls."""
    schema["required"] = [name for name in schema["required"] if name != "table"]


class Citation(BaseModel):
    """Where a sentence comes from: ``"".join(text[start:end] for start, end in spans) == quote``."""

    model_config = ConfigDict(frozen=True, json_schema_extra=_may_lack_table)

    number: int = Field(ge=1, description="As in the answer's [1].")
    document: str = Field(description="The document's name.")
    document_id: str
    title: str
    section: str
    quote: str
    spans: list[tuple[int, int]] = Field(description="Code points into the document's raw text, end exclusive.")
    places: list[CitedPlace] = Field(default=[], description="Its pages and boxes, in a document that has pages.")
    sha256: str = Field(default="", description="Of the document's text that was cited: its version.")
    superseded: Literal["replaced", "removed"] | None = Field(
        default=None, description="What became of that version since, when a stored answer is read again."
    )

    @computed_field(  # type: ignore[prop-decorator]
        description="The quotation's parts, where it is a row of a table below its header."
    )
    @property
    def table(self) -> QuotedTable | None:
        return QuotedTable.of(self.quote)


class Derived(BaseModel):
    """How the figures of a sentence were computed that no document spells out."""

    model_config = ConfigDict(frozen=True)

    expression: str = Field(description="`494 - 213 = 281`; several are parted by `; `, and `≈` says rounded.")
    inputs: list[int] = Field(description="Numbers of the citations that give the figures it is computed from.")


class AnswerSentence(BaseModel):
    """A verified sentence and the numbers of the citations that carry it."""

    model_config = ConfigDict(json_schema_extra=_may_lack_table)

    text: str
    citations: list[int]
    document: str = Field(
        default="",
        description="Name of the document under which it is said, where several are compared or it is summed up; "
        "else empty.",
    )
    section: str = Field(default="", description="The heading under which it is said, in an overview; else empty.")
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
        default="",
        description="What introduces it on lines of its own (`There are three:`); no claim, so not cited. A line that "
        "heads a part of a list has its mark and its bold words, as in Markdown.",
    )
    markdown: str = Field(default="", description="Its text with bold words in `**`; empty where none is bold.")
    answer_span: tuple[int, int] | None = Field(
        default=None,
        description="Where in `text` the value stands that was asked for, in code points, end exclusive; null where it "
        "is not told apart.",
    )
    derived: Derived | None = Field(
        default=None, description="How its computed figures follow from those it cites; null where none is computed."
    )

    @computed_field(  # type: ignore[prop-decorator]
        description="Its parts, where it quotes a row of a table below its header."
    )
    @property
    def table(self) -> QuotedTable | None:
        return QuotedTable.of(self.text) if "\n" in self.text and not self.item else None


class DocumentLink(BaseModel):
    """A document that a reply about the service lists; `GET /documents/{document_id}` has its text."""

    document: str = Field(description="Its name.")
    document_id: str
    title: str
    date: str | None = Field(default=None, description="ISO 8601, where the document says it.")


class TokenUsage(BaseModel):
    """What the language model's endpoint counted: for one call, or for all calls that an answer needed."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = Field(description="Tokens of the prompts.")
    output_tokens: int = Field(description="Tokens that the model wrote, its thoughts included.")
    cached_tokens: int | None = Field(
        default=None, description="Of the input, those that the endpoint had cached; null where it does not say."
    )
    calls: int = Field(default=1, description="Calls of the model that are counted.")

    def __add__(self, other: TokenUsage) -> TokenUsage:
        cached = [usage.cached_tokens for usage in (self, other) if usage.cached_tokens is not None]
        return TokenUsage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=sum(cached) if cached else None,
            calls=self.calls + other.calls,
        )


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
    "nothing_more",  # more of an answer was asked for, and there is no more
    "small_talk",  # nothing was asked: the reply says nothing about the reports
    "about_the_service",  # the service was asked about: the reply says what it can do, and lists ``documents``
]
REPLIES = frozenset(("small_talk", "about_the_service"))
"""Reasons of abstentions that are replies to something else than a question about the reports."""


class Answer(BaseModel):
    """An answer, or an abstention: ``abstained`` with a ``reason``, no sentences and no citations.

    A reply to small talk or about the service claims nothing about the reports: it is an abstention of its own reason.
    """

    question: str
    standalone_question: str
    answer: str = Field(
        description="The sentences with their citation marks, or what is said where there is no answer."
    )
    abstained: bool
    reason: AbstentionReason | None = None
    intent: Intent = Field(default=Intent.QUESTION, description="What the message was taken for.")
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    passages: list[PassageHit] = Field(default=[], description="As ranked, best first.")
    latency_ms: Latency = Latency()
    answerer: str = Field(default="", description="`extractive`, `model`, or what else drafted it.")
    model: str = Field(default="", description="The language model that wrote it; empty where none did.")
    warnings: list[str] = Field(default=[], description="For people: what went less well, e.g. a model that failed.")
    dropped: int = Field(default=0, description="Sentences that failed verification.")
    unknown_labels: int = Field(default=0, description="Citation labels that the model invented.")
    documents: list[DocumentLink] = Field(default=[], description="What a reply about the service lists.")
    stopped: bool = Field(default=False, description="Stopped before its end: it holds what had been sent by then.")
    usage: TokenUsage | None = Field(
        default=None, description="Tokens that the language model took; null without one, or where it does not say."
    )

    @property
    def is_reply(self) -> bool:
        """Whether it answers no question about the reports, but small talk or a question about the service."""
        return self.reason in REPLIES


@dataclass(frozen=True, slots=True)
class Thinking:
    """Some of a language model's thoughts, as they come. They are shown as such, and never part of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What went less well while an answer was drafted: it becomes a warning of the answer."""

    text: str


Draft = DraftSentence | Thinking | Notice
"""What an answerer yields."""


# What the pipeline hands over while it works, in this order: Started, Rewritten, Retrieved, Said*, Finished; a language
# model's thoughts (Thinking) come before and between the sentences.
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


Event = Started | Rewritten | Retrieved | Thinking | Said | Finished
History = Sequence[Turn]
