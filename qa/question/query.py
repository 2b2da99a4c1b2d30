"""One question, analysed once: retrieval, ranking and answering read it, and none of them parses it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from qa.types import Intent, Turn
from vectorstore.text.language import Language


class AnswerType(StrEnum):
    """The type of answer that a question wants."""

    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    LIST = "list"
    REASON = "reason"
    MANNER = "manner"
    SUMMARY = "summary"
    YES_NO = "yes_no"
    OTHER = "other"


class Order(StrEnum):
    """Which end of a comparison a question asks for."""

    LARGEST = "largest"
    SMALLEST = "smallest"


LASTING = "久"
"""The measure of a question for how long: any span of time."""
_QUANTITIES = frozenset((AnswerType.NUMBER, AnswerType.PERCENT, AnswerType.MONEY))
_SEVERAL = frozenset((AnswerType.LIST, AnswerType.REASON, AnswerType.MANNER, AnswerType.SUMMARY))


@dataclass(frozen=True, slots=True)
class Part:
    """A question, or the share of it that one document is asked."""

    question: str
    """Normalised, without the names of other documents."""
    focus: str
    """The same without any document's name and without "according to ...": what is asked of it."""
    documents: tuple[str, ...] = ()
    """Ids of the documents that it names: one, or a few that go by the same name; empty when it names none."""
    names: tuple[str, ...] = ()
    """How the question calls that document."""
    counted: str = ""
    """The thing whose number, amount or share is wanted."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """An answer of which more is wanted."""

    wording: str
    """How more was asked for: "tell me more", "and the second point?"."""
    said: tuple[str, ...] = field(default=(), repr=False)
    """What was answered to the question so far, oldest first; empty when that is no longer known."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question. Made from its wording by ``analyse``, with documents and conversation by ``QueryAnalyser``."""

    text: str
    """Stands alone: pronouns and ellipses are resolved, documents that it leaves out are left out of it."""
    standalone: str
    """The same as it is shown: with the documents that it leaves out ("除了罗江，还有哪里…")."""
    normal: str
    """``text`` in normal form."""
    typed: str
    """As the person typed it, without orders to whoever answers."""
    language: Language
    """To answer in: that of what the person typed."""
    answer_type: AnswerType
    measure: str = ""
    """The measure word after 多少/几, such as 名, 个, 家, or LASTING; empty when there is none."""
    comparative: bool = False
    order: Order | None = None
    degree: str = ""
    """The adjective of the comparison, such as 多 or 早; empty when the wording has none."""
    list_lengths: frozenset[int] = frozenset()
    """How many things it wants named; empty when it doesn't say."""
    numbers: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    """Proper names in it, as far as they are told by tags or capitals."""
    asks_each_document: bool = False
    """Whether it asks which documents, or all of them, without naming any."""
    answer_is_document: bool = False
    """Whether the answer is a document's subject ("哪个县…"), which its own sentences need not name."""
    parts: tuple[Part, ...] = ()
    """One for each document that it names, in that order; one without documents when it names none."""
    scope: tuple[str, ...] | None = None
    """Ids of the documents to look in; None for all."""
    without: tuple[str, ...] = ()
    """Ids of those that it leaves out ("除了罗江，还有哪里…")."""
    also: tuple[str, ...] = ()
    """Other wordings to search with as well, such as a follow-up joined to the question before it."""
    history: tuple[Turn, ...] = field(default=(), repr=False)
    """Earlier turns, oldest first."""
    asks_nothing: bool = False
    """Whether it holds nothing but orders to whoever answers."""
    questions: tuple[Query, ...] = ()
    """One for each, where several were asked at once; then ``text`` is all of them."""
    unasked: tuple[str, ...] = ()
    """Those of the message that are too many to be answered at once."""
    shares: tuple[Share, ...] = ()
    """Each thing by itself, where one question asks several side by side ("the revenue and the headcount")."""
    intent: Intent = Intent.QUESTION
    """Where it is ``MORE``, this is the query of the question whose answer is to go on."""
    overview_of: tuple[str, ...] = ()
    """Ids of the documents that it wants an overview of, or that the answer to go on with is one of: the first few."""
    overview_count: int = 0
    """How many they are in all."""
    continues: Continuation | None = None
    """What is to go on, where more is wanted."""

    @property
    def searched(self) -> list[str]:
        """Return all that is embedded to search and to rank, for its shares as well."""
        asked = [text for part in self.parts for text in (part.question, part.focus)]
        return [self.normal, *self.also, *asked, *(text for share in self.shares for text in share.query.searched)]

    @property
    def wants_quantity(self) -> bool:
        return self.answer_type in _QUANTITIES

    @property
    def wants_several(self) -> bool:
        """Whether several sentences make a better answer than one."""
        return self.answer_type in _SEVERAL

    @property
    def follow_up(self) -> bool:
        """Whether it leans on an earlier question of its conversation."""
        return bool(self.history) and self.text != self.typed

    def last(self, role: str) -> str:
        """Return what was said last by ``role``, "user" or "assistant"; empty when nothing was."""
        return next((turn.content for turn in reversed(self.history) if turn.role == role), "")


@dataclass(frozen=True, slots=True)
class Share:
    """One of the things that a question asks side by side."""

    label: str
    """As the question calls it; the clause, where it is one."""
    query: Query
    is_name: bool = False
    """Whether it is somebody, a place or a year: an answer must be about it by name."""
