"""The model answerer: labelled passages and the question go to a language model, its sentences come back one by one."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import chain

from qa import messages as texts
from qa import prompts
from qa.answering import citations
from qa.answering.attribution import Attributed, Attributor
from qa.answering.base import Answerer, Request
from qa.answering.lead_ins import LeadIns
from qa.answering.llm_output import WrittenSentence, sentences
from qa.answering.llm_refusals import Refusals
from qa.answering.llm_repair import in_place, is_new, repair_messages
from qa.errors import ModelContextExceeded, ModelError
from qa.llm.base import Message, Model, answer_text
from qa.types import Candidate, Draft, Notice, Thinking
from vectorstore.text.language import Language


class ModelAnswerer(Answerer):
    """Drafts by a language model. What it writes is nobody's word until it is verified."""

    name = "model"

    def __init__(self, model: Model, passages: int = 10, repair: bool = True) -> None:
        """
        Args:
            model: what writes.
            passages: how many of the candidates it is shown.
            repair: ask once more about the sentences that failed verification, saying why.
        """
        self.model: Model = model
        self.passages = passages
        self.repair = repair
        self._prompts = {name: prompts.load(name) for name in ("answer", "repair")}
        # The prompts that the model's context has refused and held, in bytes: a token is about as many of them in
        # Chinese as in English. Learnt by refusals, so both are None until there is one.
        self._refused: int | None = None
        self._held: int | None = None

    def compose(self, request: Request) -> Iterator[Draft]:
        """See ``Answerer.compose``. Sentences that fail are yielded too: they are counted when they are dropped."""
        wanted = request.candidates[: self.passages]
        shown, messages = self._fitting(request.query.text, wanted)
        pieces = self._written(messages)
        while True:
            try:
                first = next(pieces, None)
                break
            except ModelContextExceeded:
                self._note_refusal(messages)
                if len(shown) == 1:
                    raise
            shown, messages = self._fitting(request.query.text, shown[: len(shown) * 3 // 4])
            self._held = _size(messages)
            pieces = self._written(messages)
        if len(shown) < len(wanted):
            yield Notice(texts.FEWER_PASSAGES(request.query.language, found=len(wanted), shown=len(shown)))
        while isinstance(first, Thinking):
            yield first
            first = next(pieces, None)
        refusals = Refusals(request.query.text, shown)
        attributed = Attributor(shown).attribute(refusals.without(_sentences(first, pieces)))
        answered = (one for one in attributed if not (one.reason and refusals.take(one)))
        stands = False
        for piece in LeadIns(shown, request.query.text).attached(
            self._in_order(answered, messages, shown, request.query.language)
        ):
            stands = stands or (not isinstance(piece, Thinking) and not piece.reason)
            yield piece if isinstance(piece, Thinking) else piece.draft
        if stands:
            yield from refusals.notices(request.query.language)

    def _fitting(self, question: str, wanted: Sequence[Candidate]) -> tuple[Sequence[Candidate], list[Message]]:
        """Return as many of the passages as are known to fit, one at least, and the messages that show them.

        What is the same for every question comes first, so that an endpoint can cache it.
        """
        shown = wanted
        while True:
            messages = [
                Message("system", self._prompts["answer"].text),
                Message("user", question_message(question, shown)),
            ]
            if self._held is None or len(shown) == 1 or _size(messages) <= self._held:
                return shown, messages
            shown = shown[:-1]

    def _note_refusal(self, messages: Sequence[Message]) -> None:
        size = _size(messages)
        self._refused = size if self._refused is None else min(size, self._refused)

    def _written(self, messages: Sequence[Message]) -> Iterator[WrittenSentence | Thinking]:
        """Yield the thoughts with which the model begins, then its sentences."""
        pieces = self.model.stream(messages)
        for piece in pieces:
            if not isinstance(piece, Thinking):
                yield from sentences(answer_text(chain([piece], pieces)))
                return
            yield piece

    def _in_order(
        self,
        sentences: Iterator[Attributed],
        messages: Sequence[Message],
        shown: Sequence[Candidate],
        language: Language,
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
            repaired = yield from self._repaired(messages, written, shown, language)
            yield from in_place(waiting, repaired)

    def _repaired(
        self, messages: Sequence[Message], written: Sequence[Attributed], shown: Sequence[Candidate], language: Language
    ) -> Generator[Thinking, None, list[Attributed]]:
        """Return what the model makes of its failed sentences when it is told why they failed; yield its thoughts."""
        again = [*messages, *repair_messages(self._prompts["repair"].text, written, language)]
        repaired: list[Attributed] = []
        if self._refused is not None and _size(again) >= self._refused:
            return repaired
        try:
            pieces = self._written(again)
            first = next(pieces, None)
            while isinstance(first, Thinking):
                yield first
                first = next(pieces, None)
            said = (sentence for sentence in _sentences(first, pieces) if not sentence.declines)
            for sentence in Attributor(shown).attribute(said):
                if is_new(sentence, written):
                    repaired.append(sentence)
        except ModelContextExceeded:
            self._note_refusal(again)
        except ModelError:
            pass  # the first round stands, and the pipeline drops what failed in it
        return repaired


def _sentences(
    first: WrittenSentence | None, pieces: Iterator[WrittenSentence | Thinking]
) -> Iterator[WrittenSentence]:
    if first is not None:
        yield first
    yield from (piece for piece in pieces if isinstance(piece, WrittenSentence))


def question_message(question: str, shown: Sequence[Candidate]) -> str:
    """Return the user's message: the passages as data under their labels, then the question.

    Angle brackets in passages are escaped, so that no passage can end its own element or forge another.
    """
    parts = ["## 资料", ""]
    for label, candidate in citations.label_passages(shown).items():
        passage = candidate.stored.passage
        title, section = _escaped(candidate.stored.title), _escaped(passage.section)
        parts.append(f'<passage id="{label}" title="{title}" section="{section}">')
        parts.append(_escaped(passage.text))
        parts.append("</passage>")
    return "\n".join([*parts, "", "## 问题", "", question])


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _size(messages: Sequence[Message]) -> int:
    """Return the bytes of a prompt."""
    return sum(len(message.content.encode()) for message in messages)
