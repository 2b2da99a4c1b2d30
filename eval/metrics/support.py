"""Metrics of support: do citations support the numbers and the sentences of an answer?

Everything is read from the raw texts at the cited spans, never from the quotes in the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.text.quantities import Quantity, quantities, same
from qa.types import Evidence
from qa.verify import verify
from qa.verify.arithmetic import figures_of, holds
from vectorstore.types import BlockKind, Passage, Sentence, Span, StoredPassage, cut

from ..datasets.questions import Question
from ..runs.run_file import CitationRecord, Item, PassageRecord, SentenceRecord
from .aggregate import mean
from .base import Documents, metric
from .text import MARK, comparable


def evidence_of(item: Item, documents: Documents) -> dict[int, Evidence]:
    """Return, by citation number, what each citation of an answer points at: its cut, and the passage around it.

    The passage is the retrieved one that shares most characters with the citation, else the citation itself. A citation
    of an unknown document or of no character is left out.
    """
    found = {}
    for citation in item.citations:
        raw = documents.get(citation.document, "")
        spans = tuple(citation.spans)
        quote = cut(raw, spans)
        if quote:
            found[citation.number] = Evidence(_passage(citation, quote, item.passages, raw), quote, spans)
    return found


def _passage(citation: CitationRecord, quote: str, passages: Sequence[PassageRecord], raw: str) -> StoredPassage:
    spans = tuple(citation.spans)
    around = max(
        (passage for passage in passages if passage.document == citation.document),
        key=lambda passage: _shared(passage.spans, spans),
        default=None,
    )
    if around is not None and _shared(around.spans, spans):
        spans = tuple(around.spans)
    passage = Passage(
        ordinal=0,
        kind=BlockKind.PARAGRAPH,
        section=citation.section,
        text=cut(raw, spans),
        spans=spans,
        sentences=(Sentence(quote, tuple(citation.spans)),),
    )
    return StoredPassage(0, citation.document, citation.document, citation.title, passage)


def _shared(ours: Sequence[Span], theirs: Sequence[Span]) -> int:
    return sum(max(0, min(b, d) - max(a, c)) for a, b in ours for c, d in theirs)


@metric(
    "number_fidelity",
    kind="perfect",
    column="numbers",
    meaning="share of answers whose every number and date occurs in a passage that they cite; must be 1",
)
def number_fidelity(item: Item, _: Question, documents: Documents) -> float | None:
    """Return 1.0 when every number, percentage, amount and date of the answer occurs in a passage that it cites.

    Each sentence is compared with the passages that it cites, and the answer's text with all of them; else
    0.0. None for an abstention, and for an item that failed. An answer without any number is faithful; an
    article ("一个", "one") and a small number in an English word are not numbers. A figure that a sentence
    derives is right when its expression holds and what it is computed from occurs in the passages that the
    expression cites.
    """
    if item.abstained or item.error is not None:
        return None
    evidence = evidence_of(item, documents)
    said = {sentence.text for sentence in item.sentences}
    derived = {id(s): _derived(s, evidence) for s in item.sentences}
    claims = [(s.text, [evidence[n] for n in s.citations if n in evidence], derived[id(s)]) for s in item.sentences]
    every = [quantity for found in derived.values() for quantity in found]
    claims += [(part, list(evidence.values()), every) for part in MARK.split(item.answer) if part not in said]
    return float(all(_numbers_occur(*claim) for claim in claims))


def _derived(sentence: SentenceRecord, evidence: Mapping[int, Evidence]) -> list[Quantity]:
    """Return the figures that a sentence derives rightly."""
    if sentence.derived is None or not holds(sentence.derived.expression):
        return []
    inputs, results = figures_of(sentence.derived.expression)
    sources = _known([evidence[number] for number in sentence.derived.inputs if number in evidence])
    return results if all(any(same(figure, source) for source in sources) for figure in inputs) else []


def _known(cited: Sequence[Evidence]) -> list[Quantity]:
    return [
        quantity
        for e in cited
        for source in (e.stored.passage.text, e.quote, e.stored.title, e.stored.passage.section)
        for quantity in _quantities(source)
    ]


def _numbers_occur(text: str, cited: Sequence[Evidence], derived: Sequence[Quantity]) -> bool:
    claims = [
        claim
        for claim in _quantities(text)
        if not claim.article and not claim.spelled and not any(same(claim, d) for d in derived)
    ]
    if not claims or any(comparable(text) in comparable(e.stored.passage.text + "\n" + e.quote) for e in cited):
        return True
    sources = _known(cited)
    return all(any(same(claim, source) for source in sources) for claim in claims)


@lru_cache(maxsize=8192)
def _quantities(text: str) -> tuple[Quantity, ...]:
    return tuple(quantities(text))


@dataclass(frozen=True, slots=True)
class SentenceSupport:
    """One sentence: whether all its citations together support it, how many of them count, and how many it has."""

    supported: bool
    needed: int
    citations: int


def sentence_support(item: Item, documents: Documents) -> list[SentenceSupport]:
    """Return for each sentence whether its citations support it, by ``qa.verify``; nothing for an abstention.

    A citation counts when its sentence is supported by all of its citations together, and this one either supports it
    alone or can't be left out.
    """
    if item.abstained:
        return []
    evidence = evidence_of(item, documents)
    found = []
    for sentence in item.sentences:
        cited = [evidence[number] for number in sentence.citations if number in evidence]
        supported = _supports(sentence.text, cited)
        needed = sum(_counts(sentence.text, cited, leave) for leave in range(len(cited))) if supported else 0
        found.append(SentenceSupport(supported, needed, len(sentence.citations)))
    return found


@metric(
    "citation_recall",
    tested=True,
    column="cite.rec.",
    meaning="share of sentences that their citations together support, by the deterministic check",
)
def citation_recall(item: Item, _: Question, documents: Documents) -> float | None:
    """Return the share of sentences that all their citations together support; None where there is none.

    Source: Gao et al., Enabling large language models to generate text with citations (ALCE), EMNLP 2023, section 4.3,
    with ``qa.verify`` in place of the entailment model.
    """
    return mean(float(sentence.supported) for sentence in sentence_support(item, documents))


@metric(
    "citation_precision",
    tested=True,
    column="cite.prec.",
    meaning="share of citations that their sentence needs",
)
def citation_precision(item: Item, _: Question, documents: Documents) -> float | None:
    """Return the share of citations that count, over all sentences; None where there is none. Source: as above."""
    support = sentence_support(item, documents)
    total = sum(sentence.citations for sentence in support)
    return sum(sentence.needed for sentence in support) / total if total else None


def _supports(text: str, cited: Sequence[Evidence]) -> bool:
    return bool(cited) and verify(text, tuple(cited)).ok


def _counts(text: str, cited: Sequence[Evidence], leave: int) -> bool:
    if len(cited) == 1:
        return True
    return _supports(text, [cited[leave]]) or not _supports(text, [*cited[:leave], *cited[leave + 1 :]])
