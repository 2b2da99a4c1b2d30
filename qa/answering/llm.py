"""The model answerer: labelled passages and the question go to a language model, its sentences come back one by one."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain

from qa import messages as texts
from qa.answering.attribution import Attributed, Attributor
from qa.answering.base import Answerer, Request
from qa.answering.lead_ins import LeadIns
from qa.answering.llm_output import WrittenSentence, sentences
from qa.answering.llm_prompt import doubting_messages, first_messages, prompt, search_messages, worth_showing
from qa.answering.llm_refusals import Refusals, denies
from qa.answering.llm_repair import REPAIR, in_place, is_new, repair_messages
from qa.answering.llm_search import MOST_SEARCHES, is_request, more_passages, parted, requests_in
from qa.answering.llm_structured import Form, StructuredReply, is_about_the_form
from qa.errors import ModelContextExceeded, ModelError
from qa.llm.base import Message, Model, answer_text
from qa.question.query import Query
from qa.types import Candidate, Draft, Notice, Thinking
from vectorstore.text.language import Language


@dataclass(frozen=True, slots=True)
class _Begun:
    """An answer that the model has begun."""

    messages: Sequence[Message]
    shown: Sequence[Candidate]
    first: WrittenSentence | None
    """None where it answers nothing."""
    rest: Iterator[WrittenSentence]
    wanted: tuple[str, ...]
    """What it asks to search for, in place of an answer."""

    def or_else(self, other: _Begun) -> _Begun:
        """Return this answer, or the other where this one answers nothing."""
        return other if self.first is None else self

    def sentences(self) -> Iterator[WrittenSentence]:
        every = self.rest if self.first is None else chain([self.first], self.rest)
        return (sentence for sentence in every if not is_request(sentence.text))


class ModelAnswerer(Answerer):
    """Drafts by a language model. What it writes is nobody's word until it is verified."""

    name = "model"

    def __init__(self, model: Model, passages: int = 10, repair: bool = True, structured: bool = False) -> None:
        """
        Args:
            model: what writes.
            passages: how many of the candidates it is shown.
            repair: ask once more about the sentences that failed verification, saying why.
            structured: ask for answers by a JSON schema, as long as the model's endpoint takes and heeds it.
        """
        self.model: Model = model
        self.passages = passages
        self.repair = repair
        self.structured = structured
        # The prompts that the model's context has refused and held, in bytes: a token is about as many of them in
        # Chinese as in English. Learnt by refusals, so both are None until there is one.
        self._refused: int | None = None
        self._held: int | None = None

    def compose(self, request: Request) -> Iterator[Draft]:
        """See ``Answerer.compose``. Sentences that fail are yielded too: they are counted when they are dropped.

        The model may ask for another search first, and one that finds no answer, in whatever words, is asked once more
        where the ranker is sure of one.
        """
        begun = yield from self._first(request)
        for _ in range(MOST_SEARCHES):
            if not begun.wanted:
                break
            begun = yield from self._searched(request, begun)
        if doubting := doubting_messages(request, begun.shown):
            begun, silent = _silent(begun)
            if silent:
                with suppress(ModelError):  # then its first word stands
                    again = [*begun.messages, *doubting]
                    begun = (yield from self._begun(again, begun.shown, request.query.language)).or_else(begun)
        yield from self._drafted(request, begun)

    def _first(self, request: Request) -> Generator[Thinking | Notice, None, _Begun]:
        """Return the beginning of the answer to the first prompt, with as many passages as the context holds."""
        wanted = worth_showing(request, self.passages)
        shown, messages = self._fitting(request.query, wanted)
        while True:
            try:
                begun = yield from self._begun(messages, shown, request.query.language)
                break
            except ModelContextExceeded:
                self._note_refusal(messages)
                if len(shown) == 1:
                    raise
            shown, messages = self._fitting(request.query, shown[: len(shown) * 3 // 4])
            self._held = _size(messages)
        if len(shown) < len(wanted):
            yield Notice(texts.FEWER_PASSAGES(request.query.language, found=len(wanted), shown=len(shown)))
        return begun

    def _searched(self, request: Request, begun: _Begun) -> Generator[Thinking, None, _Begun]:
        """Return the beginning of the answer to what another search finds."""
        shown = [*begun.shown, *more_passages(request, begun.wanted, begun.shown)]
        found = search_messages(request.query, begun.wanted, shown, len(begun.shown))
        return (yield from self._begun([*begun.messages, *found], shown, request.query.language))

    def _drafted(self, request: Request, begun: _Begun) -> Iterator[Draft]:
        language, shown = request.query.language, begun.shown
        refusals = Refusals(request.query.text, shown)
        attributed = Attributor(shown, request.verifier).attribute(refusals.without(begun.sentences()))
        answered = (one for one in attributed if not (one.reason and refusals.take(one)))
        ordered = self._in_order(answered, begun, request)
        stands = False
        for piece in LeadIns(shown, request.query.text).attached(ordered):
            stands = stands or (not isinstance(piece, Thinking) and not piece.reason)
            yield piece if isinstance(piece, Thinking) else piece.draft
        if stands:
            yield from refusals.notices(language)

    def _fitting(self, query: Query, wanted: Sequence[Candidate]) -> tuple[Sequence[Candidate], list[Message]]:
        """Return as many of the passages as are known to fit, one at least, and the messages that show them."""
        shown = wanted
        while True:
            messages = first_messages(query, shown)
            if self._held is None or len(shown) == 1 or _size(messages) <= self._held:
                return shown, messages
            shown = shown[:-1]

    def _note_refusal(self, messages: Sequence[Message]) -> None:
        size = _size(messages)
        self._refused = size if self._refused is None else min(size, self._refused)

    def _begun(
        self, messages: Sequence[Message], shown: Sequence[Candidate], language: Language
    ) -> Generator[Thinking, None, _Begun]:
        """Return the beginning of what the model answers; yield the thoughts before it.

        An endpoint that refuses the schema, or whose model writes no such JSON, is asked for text from then on.
        """
        if self.structured:
            reply = StructuredReply(language)
            try:
                begun = yield from self._called(messages, shown, reply)
                says = begun.first is not None or bool(begun.wanted)
                if reply.form is Form.TEXT and says:
                    self.structured = False
                if reply.form is not Form.BROKEN and (says or reply.declines):
                    return begun
            except ModelError as error:
                if not is_about_the_form(error):
                    raise
            begun = yield from self._called(messages, shown)
            self.structured = False  # only now: where this fails too, the fault was another
            return begun
        return (yield from self._called(messages, shown))

    def _called(
        self, messages: Sequence[Message], shown: Sequence[Candidate], reply: StructuredReply | None = None
    ) -> Generator[Thinking, None, _Begun]:
        """Return the beginning of one call's answer, in text or, with ``reply``, by a schema; yield its thoughts."""
        pieces = self.model.stream(messages) if reply is None else reply.stream(self.model, messages, shown)
        for piece in pieces:
            if isinstance(piece, Thinking):
                yield piece
                continue
            text = answer_text(chain([piece], pieces))
            wanted, text = parted(text if reply is None else reply.noting(text))
            rest = sentences(text)
            first = next(rest, None)
            if first is not None and is_request(first.text):
                wanted, first = requests_in("\n".join(one.text for one in chain([first], rest))), None
            return _Begun(messages, shown, first, rest, wanted)
        return _Begun(messages, shown, None, iter(()), ())

    def _in_order(
        self,
        sentences: Iterator[Attributed],
        begun: _Begun,
        request: Request,
    ) -> Iterator[Attributed | Thinking]:
        """Yield the sentences in order, and what the repair makes of those that failed in their places.

        From the first that failed on, they wait for the repair.

        Raises:
            ModelError: ``sentences`` did; those that waited are yielded first.
        """
        written: list[Attributed] = []
        waiting: list[Attributed] = []
        try:
            for sentence in sentences:
                written.append(sentence)
                if waiting or (sentence.reason and self.repair):
                    waiting.append(sentence)
                else:
                    yield sentence
        except ModelError:
            yield from waiting
            raise
        if waiting:
            repaired = yield from self._repaired(begun, written, request)
            yield from in_place(waiting, repaired)

    def _repaired(
        self, begun: _Begun, written: Sequence[Attributed], request: Request
    ) -> Generator[Thinking, None, list[Attributed]]:
        """Return what the model makes of its failed sentences when it is told why they failed; yield its thoughts."""
        language, shown = request.query.language, begun.shown
        again = [*begun.messages, *repair_messages(prompt(REPAIR, language), written, language)]
        repaired: list[Attributed] = []
        if self._refused is not None and _size(again) >= self._refused:
            return repaired
        try:
            more = yield from self._begun(again, shown, language)
            said = (sentence for sentence in more.sentences() if not sentence.declines)
            for sentence in Attributor(shown, request.verifier).attribute(said):
                if is_new(sentence, written):
                    repaired.append(sentence)
        except ModelContextExceeded:
            self._note_refusal(again)
        except ModelError:
            pass  # the first round stands, and the pipeline drops what failed in it
        return repaired


def _silent(begun: _Begun) -> tuple[_Begun, bool]:
    """Return an answer, and whether it says nothing but that the reports don't say; only so far it has been read."""
    if begun.first is None or not denies(begun.first):
        return begun, begun.first is None
    read: list[WrittenSentence] = []
    for sentence in begun.rest:
        read.append(sentence)
        if not denies(sentence):
            return replace(begun, rest=chain(read, begun.rest)), False
    return replace(begun, rest=iter(read)), True


def _size(messages: Sequence[Message]) -> int:
    """Return the bytes of a prompt."""
    return sum(len(message.content.encode()) for message in messages)
