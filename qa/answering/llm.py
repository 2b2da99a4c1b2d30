"""The model answerer: labelled passages and the question go to a language model, its sentences come back one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa import prompts
from qa.answering import citations
from qa.answering.attribution import Attributed, Attributor
from qa.answering.base import Answerer, Request
from qa.answering.lead_ins import LeadIns
from qa.answering.llm_output import sentences
from qa.errors import ModelError
from qa.llm.base import Message, Model
from qa.types import Candidate, DraftSentence, Place
from qa.verify import squash


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

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        """See ``Answerer.compose``. Sentences that fail are yielded too: they are counted when they are dropped."""
        shown = request.candidates[: self.passages]
        messages = [
            Message("system", self._prompts["answer"].text),
            Message("user", question_message(request.query.text, shown)),
        ]
        written: list[Attributed] = []
        attributed = Attributor(shown).attribute(sentences(self.model.stream(messages)))
        for sentence in LeadIns(shown, request.query.text).attached(attributed):
            written.append(sentence)
            yield sentence.draft
        if self.repair:
            yield from self._repaired(messages, written, shown)

    def _repaired(
        self, messages: Sequence[Message], written: Sequence[Attributed], shown: Sequence[Candidate]
    ) -> Iterator[DraftSentence]:
        """Yield what the model makes of its failed sentences when it is told why they failed."""
        failed = [f"- {_as_written(sentence)}（{sentence.reason}）" for sentence in written if sentence.reason]
        if not failed:
            return
        said = {squash(sentence.draft.text) for sentence in written if not sentence.reason}
        tried = {(sentence.draft.text, sentence.labels) for sentence in written}
        again = [
            *messages,
            Message("assistant", "".join(_as_written(sentence) for sentence in written)),
            Message("user", self._prompts["repair"].text.replace("{failed}", "\n".join(failed))),
        ]
        try:
            for sentence in Attributor(shown).attribute(sentences(self.model.stream(again))):
                text = sentence.draft.text
                if sentence.leads_in:
                    continue
                if squash(text) not in said and (text, sentence.labels) not in tried:
                    yield _after(written[-1].draft.place, sentence.draft)
        except ModelError:
            return  # the first round stands, and the pipeline drops what failed in it


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


def _after(last: Place, draft: DraftSentence) -> DraftSentence:
    """Return a repaired sentence in a block of its own behind a list or several blocks; else in the only paragraph."""
    block = last.block + 1 if last.block or last.item else 0
    return replace(draft, place=replace(draft.place, block=block + draft.place.block))


def _as_written(sentence: Attributed) -> str:
    return sentence.draft.text + "".join(f"[{label}]" for label in sentence.labels)
