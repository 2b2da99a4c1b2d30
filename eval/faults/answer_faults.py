"""Faults of answers: each changes every answer of the sound run, as a bug after retrieval would."""

from __future__ import annotations

import re
from collections.abc import Callable

from vectorstore.types import cut

from ..runs.run_file import CitationRecord, Item, PassageRecord, Run, SentenceRecord
from .sandbox import Change, Sandbox

DUMPED = 5
"""Passages in a dump."""


def _said(item: Item, sentences: list[SentenceRecord], citations: list[CitationRecord]) -> Item:
    text = "".join(s.text + "".join(f"[{n}]" for n in s.citations) for s in sentences)
    update = {"answer": text, "abstained": False, "reason": None, "sentences": sentences, "citations": citations}
    return item.model_copy(update=update)


def _silent(item: Item) -> Item:
    update = {"answer": "资料中没有提到。", "abstained": True, "sentences": [], "citations": []}
    return item.model_copy(update=update)


def _quoting(item: Item, sandbox: Sandbox, passages: list[PassageRecord], chars: int | None = None) -> Item:
    """Return the item with the first ``chars`` of passages, or all of them, as its answer."""
    sentences, citations = [], []
    for number, passage in enumerate(passages, start=1):
        quote = cut(sandbox.corpus.texts[passage.document], passage.spans)
        citations.append(CitationRecord(number=number, document=passage.document, quote=quote, spans=passage.spans))
        sentences.append(SentenceRecord(text=quote[:chars], citations=[number]))
    return _said(item, sentences, citations)


def _dump(sandbox: Sandbox) -> Run:
    return sandbox.each(lambda item: _quoting(item, sandbox, item.passages[:DUMPED]) if item.passages else item)


def _never_abstain(sandbox: Sandbox) -> Run:
    def change(item: Item) -> Item:
        return _quoting(item, sandbox, item.passages[:1], 80) if item.abstained and item.passages else item

    return sandbox.each(change)


def _other_document(sandbox: Sandbox) -> Run:
    """The best passage of another document than the one that was cited: the right kind of figure of the wrong place.

    Where none was retrieved, it is the best one that some other question retrieved.
    """
    best = [item.passages[0] for item in sandbox.run.items if item.passages]

    def change(item: Item) -> Item:
        cited = {citation.document for citation in item.citations}
        others = [passage for passage in (*item.passages, *best) if passage.document not in cited]
        return _quoting(item, sandbox, others[:1], 120) if cited and others else item

    return sandbox.each(change)


def _shift(sandbox: Sandbox) -> Run:
    def change(item: Item) -> Item:
        for citation in item.citations:
            citation.spans = [(start + 1, end + 1) for start, end in citation.spans]
        return item

    return sandbox.each(change)


def _wrong_document(sandbox: Sandbox) -> Run:
    names = sandbox.corpus.names

    def change(item: Item) -> Item:
        for citation in item.citations:
            citation.document = names[(names.index(citation.document) + 1) % len(names)]
        return item

    return sandbox.each(change)


def _normalised_quotes(sandbox: Sandbox) -> Run:
    def change(item: Item) -> Item:
        for citation in item.citations:
            citation.quote = citation.quote.translate(str.maketrans("，。：；", ",.:;"))
        return item

    return sandbox.each(change)


def _sentences(sandbox: Sandbox, rewrite: Callable[[str], str]) -> Run:
    def change(item: Item) -> Item:
        if item.abstained:
            return item
        changed = [SentenceRecord(text=rewrite(s.text), citations=s.citations) for s in item.sentences]
        return _said(item, changed, item.citations)

    return sandbox.each(change)


def _digits(text: str) -> str:
    return re.sub(r"\d(?=\D*$)", lambda found: str((int(found.group()) + 3) % 10), text)


def _units(text: str) -> str:
    return text.translate(str.maketrans("万亿", "亿万"))


def _uncited(sandbox: Sandbox) -> Run:
    def change(item: Item) -> Item:
        if item.abstained:
            return item
        remark = SentenceRecord(text="以上情况值得各地参考。", citations=[])
        return _said(item, [*item.sentences, remark], item.citations)

    return sandbox.each(change)


def _neighbours(sandbox: Sandbox) -> Run:
    """Every question gets the answer to the one before it, as from a cache with a wrong key."""
    items = sandbox.run.items
    given = [
        before.model_copy(deep=True, update={"id": item.id, "question": item.question, "asked": item.asked})
        for before, item in zip([items[-1], *items[:-1]], items, strict=True)
    ]
    return sandbox.scored(given)


def _failing(sandbox: Sandbox) -> Run:
    """The pipeline breaks on one question in twenty."""
    failing = {item.id for item in sandbox.run.items[::20]}

    def change(item: Item) -> Item:
        if item.id not in failing:
            return item
        return Item(id=item.id, question=item.question, error="KeyError: 'section'")

    return sandbox.each(change)


OTHER_DOCUMENT = frozenset({"another document", "wrong document cited"})
"""Those of ``FAULTS`` that need a second document: with one alone they change nothing."""
FAULTS: tuple[tuple[str, str, Change], ...] = (
    ("abstention always", "no question is answered", lambda sandbox: sandbox.each(_silent)),
    ("abstention never", "the best passage is quoted where nothing answers", _never_abstain),
    ("passages dumped", f"the first {DUMPED} passages are the answer", _dump),
    ("another document", "the best passage of a document that does not answer is quoted", _other_document),
    ("citations shifted", "spans begin one character late", _shift),
    ("wrong document cited", "citations name the next document", _wrong_document),
    ("quotes tidied", "punctuation of quotes is not that of the source", _normalised_quotes),
    ("digits altered", "the last digit of every sentence is another", lambda sandbox: _sentences(sandbox, _digits)),
    ("units swapped", "ten thousands are hundreds of millions", lambda sandbox: _sentences(sandbox, _units)),
    ("uncited remark", "every answer ends with a sentence without a citation", _uncited),
    ("answers mixed up", "every question gets the answer to the one before", _neighbours),
    (
        "answers cut",
        "only the first quarter of each sentence is given",
        lambda b: _sentences(b, lambda t: t[: len(t) // 4]),
    ),
    ("pipeline failing", "one question in twenty ends in an exception", _failing),
)
