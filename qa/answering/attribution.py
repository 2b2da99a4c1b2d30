"""Attribution: which of the passages that the model was shown each of its sentences rests on, labelled or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qa.answering.citation_labels import FOOTNOTE, PREFIX
from qa.answering.citations import label_passages, resolve
from qa.answering.llm_output import WrittenSentence
from qa.errors import ModelError
from qa.types import Candidate, DraftSentence, Evidence
from qa.verify import RULES, Verifier, bare, source_of, squash, verbatim
from qa.verify.comparisons import compares
from vectorstore.types import StoredPassage

MOST_PREMISES = 3
"""Sentences before a conclusion, and behind it, that it may rest on."""
NO_LABEL = "没有标出资料标签"
NO_SUCH_LABEL = "标签不存在"


@dataclass(frozen=True, slots=True)
class Attributed:
    """A sentence with its evidence, and why it fails verification; None when it stands."""

    draft: DraftSentence
    labels: tuple[str, ...]
    reason: str | None
    leads_in: bool = False
    """As written; such a sentence is not attributed."""
    declines: bool = False
    """As written."""

    def under(self, lead_in: str) -> Attributed:
        """Return the sentence with what leads in to it."""
        return replace(self, draft=replace(self.draft, place=replace(self.draft.place, lead_in=lead_in)))


class Attributor:
    """Finds the evidence of one answer's sentences; makes one for each answer.

    A label counts when it names a passage that was shown. A sentence without one is cited where it stands word for word
    in the documents cited beside it. Else it inherits the label of its paragraph: the next one's first, since models
    write a label once at the end. Else each document shown is searched for support.
    """

    def __init__(self, shown: Sequence[Candidate], verifier: Verifier = RULES) -> None:
        self.shown = shown
        self._verifier = verifier
        self._passages = {label: candidate.stored for label, candidate in label_passages(shown).items()}
        self._cited: dict[str, None] = {}
        """The labels of the paragraph so far, in order."""
        self._paragraph = 0
        self._evidence: tuple[Evidence, ...] = ()
        """Of the last labelled sentence of the paragraph."""

    def attribute(self, written: Iterable[WrittenSentence]) -> Iterator[Attributed]:
        """Yield the sentences in order; one without a label waits for the next label, or its paragraph's end.

        A conclusion that fails by itself ("So A has more") waits for the sentences that it may rest on.

        Raises:
            ModelError: ``written`` did; the sentences that waited are yielded first.
        """
        standing: list[Attributed] = []
        waiting: list[Attributed] = []
        try:
            for sentence in self._attributed(written):
                waiting.append(sentence)
                premises = [
                    *standing[-MOST_PREMISES:],
                    *(one for one in waiting if not one.reason and not one.leads_in),
                ]
                waiting[0] = self._concluding(waiting[0], premises)
                if not waiting[0].reason or not compares(waiting[0].draft.text) or len(waiting) > MOST_PREMISES:
                    standing += premises[len(standing[-MOST_PREMISES:]) :]
                    yield from waiting
                    waiting = []
        except ModelError:
            yield from waiting
            raise
        yield from waiting

    def _concluding(self, sentence: Attributed, premises: Sequence[Attributed]) -> Attributed:
        """Return a comparison as a conclusion from the sentences beside it; as it is where none follows.

        That is, one that fails by itself, and one that names no passages: what it rests on was just said.
        """
        premises = [one for one in premises if one is not sentence]
        if not (sentence.reason or not sentence.labels) or not premises or not compares(sentence.draft.text):
            return sentence
        evidence = tuple(dict.fromkeys(item for one in premises for item in one.draft.evidence))
        premise = " ".join(one.draft.text for one in premises)
        if not self._verifier.verify(sentence.draft.text, evidence, premise).ok:
            return sentence
        return replace(sentence, draft=replace(sentence.draft, evidence=evidence, premise=premise), reason=None)

    def _attributed(self, written: Iterable[WrittenSentence]) -> Iterator[Attributed]:
        """Yield the sentences in order, each by itself; see ``attribute``."""
        waiting: list[WrittenSentence] = []
        try:
            for sentence in written:
                if sentence.paragraph != self._paragraph:
                    yield from self._inheriting(waiting, ())
                    waiting, self._paragraph, self._cited, self._evidence = [], sentence.paragraph, {}, ()
                if self._is_reference(sentence):
                    continue
                if not sentence.labels:
                    waiting.append(sentence)
                    continue
                yield from self._inheriting(waiting, sentence.labels)
                waiting = []
                self._cited |= dict.fromkeys(sentence.labels)
                if sentence.text:
                    found = self._labelled(sentence)
                    self._evidence = () if found.reason else found.draft.evidence
                    yield found
        except ModelError:
            yield from self._inheriting(waiting, ())
            raise
        yield from self._inheriting(waiting, ())

    def _labelled(self, sentence: WrittenSentence) -> Attributed:
        cited, unknown = self._named(sentence.labels)
        found = self._by(sentence, cited, unknown)
        footnotes = all(name.startswith(FOOTNOTE) for name in sentence.labels)
        if found.reason and footnotes and not unknown:
            return self._searched(sentence) or found
        return found

    def _named(self, labels: Iterable[str]) -> tuple[list[StoredPassage], int]:
        """Return the passages that labels name, each once, and how many name none that was shown."""
        names = dict.fromkeys(PREFIX + name.lstrip(FOOTNOTE + PREFIX) for name in labels)
        return [self._passages[name] for name in names if name in self._passages], len(names.keys() - self._passages)

    def _by(self, sentence: WrittenSentence, cited: Sequence[StoredPassage], unknown: int = 0) -> Attributed:
        evidence = resolve(sentence.text, cited, self.shown, self._verifier)
        reason: str | None = NO_SUCH_LABEL if sentence.labels else NO_LABEL
        if evidence:
            reason = self._verifier.verify(sentence.text, evidence).reason
        return self._with(sentence, evidence, reason, unknown)

    @staticmethod
    def _with(
        sentence: WrittenSentence, evidence: tuple[Evidence, ...], reason: str | None, unknown: int = 0
    ) -> Attributed:
        draft = DraftSentence(sentence.text, evidence, unknown, place=sentence.place)
        return Attributed(draft, sentence.labels, reason, sentence.leads_in, sentence.declines)

    def _inheriting(self, waiting: Iterable[WrittenSentence], following: Sequence[str]) -> Iterator[Attributed]:
        """Yield sentences without labels, under the paragraph's where those support them."""
        for sentence in waiting:
            if sentence.leads_in:
                yield self._with(sentence, (), None)
                continue
            tried = dict.fromkeys((tuple(following), (*self._cited, *following), tuple(self._cited)[-1:]))
            found = (self._by(sentence, self._named(labels)[0]) for labels in tried if labels)
            inherited = (attributed for attributed in found if not attributed.reason)
            standing = self._quoted(sentence, following)
            if standing is None and not following:
                standing = self._going_on(sentence)
            standing = standing or next(inherited, None)
            yield standing or self._searched(sentence) or self._with(sentence, (), NO_LABEL)

    def _quoted(self, sentence: WrittenSentence, following: Sequence[str]) -> Attributed | None:
        """Return a sentence that a passage has word for word, under that passage; None where none has it.

        It must be of a document that is cited beside it, if any is.
        """
        documents = {stored.document_id for stored in self._named([*self._cited, *following])[0]}
        claim = bare(sentence.text)
        for stored in (one.stored for one in self.shown):
            if documents and stored.document_id not in documents:
                continue
            if any(
                _plain(each.text) == _plain(claim) or verbatim(claim, [source_of(Evidence.of(stored, each))])
                for each in stored.passage.sentences
            ):
                found = self._by(sentence, [stored])
                if not found.reason:
                    return found
        return None

    def _going_on(self, sentence: WrittenSentence) -> Attributed | None:
        """Return a sentence ("So A's is faster") with the evidence of the one before it, where that supports it."""
        if not self._evidence or not self._verifier.verify(sentence.text, self._evidence).ok:
            return None
        return self._with(sentence, self._evidence, None)

    def _searched(self, sentence: WrittenSentence) -> Attributed | None:
        """Return the sentence with support from one document, those cited before it first; None where there is none.

        A comparison needs the documents that it compares, and those are for the model to name.
        """
        if compares(sentence.text):
            return None
        cited = {stored.document_id for stored in self._named(self._cited)[0]}
        documents = dict.fromkeys(candidate.stored.document_id for candidate in self.shown)
        for document in sorted(documents, key=lambda one: one not in cited):
            passages = [one.stored for one in self.shown if one.stored.document_id == document]
            found = self._by(sentence, passages)
            if not found.reason:
                return found
        return None

    def _is_reference(self, sentence: WrittenSentence) -> bool:
        """Whether a sentence is an entry of a list of references: a label, and the title of a passage shown."""
        if not sentence.label_first or not sentence.text:
            return False
        said = _plain(sentence.text)
        names = (
            _plain(part)
            for stored in self._passages.values()
            for part in (stored.title, stored.document, f"{stored.title}{stored.passage.section}")
        )
        return any(said == name or said.removeprefix("p").isdigit() for name in names)


def _plain(text: str) -> str:
    return "".join(char for char in squash(text) if char.isalnum())
