"""Answers to a question that asks several things side by side: each is found by itself, or named as not found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from qa import messages
from qa.answering.base import Request
from qa.question.coordination import stands_in
from qa.question.query import Share
from qa.ranking.base import CandidateSentence
from qa.types import Draft, DraftSentence, Evidence, Notice
from vectorstore.text.language import Language, has_han
from vectorstore.text.tables import quoted_row
from vectorstore.text.words import STOPWORDS, normalise, stem, words
from vectorstore.text.years import years
from vectorstore.types import Span


def answered_apart(
    request: Request, together: Sequence[Draft], draft: Callable[[Request], Iterable[Draft]]
) -> Iterator[Draft]:
    """Yield what answers each thing that is asked, in the question's order, and a notice for each without an answer.

    Where one has none of its own, what answers the question as a whole stands first: it may speak of that one too. It
    does so as well where years are asked, since one row or sentence often has them all.

    Args:
        together: what answers the question as a whole.
        draft: answers a question by itself.
    """
    whole = [one for one in together if isinstance(one, DraftSentence)]
    said, silent = list[DraftSentence](), list[Share]()
    for share, asked in zip(request.query.shares, request.shares, strict=True):
        own = [one for one in draft(asked) if isinstance(one, DraftSentence) and _is_about(share, one)]
        answers = own if share.is_name else own[:1]
        said += [one for one in whole if any(_covers(one, answer) for answer in answers)] or own
        if not own:
            silent.append(share)
    first = whole if silent or _are_years(request.query.shares) else []
    yield from _rows_once([*first, *said])
    if first or said:
        unsaid = [share for share in silent if not any(_speaks_of(share, one) for one in (*first, *said))]
        yield from (Notice(_silence(share.label, request.query.language)) for share in unsaid)


def _are_years(shares: Sequence[Share]) -> bool:
    return all(years(share.label) for share in shares)


def _rows_once(said: Iterable[DraftSentence]) -> Iterator[DraftSentence]:
    """Yield ``said``, each sentence once, whichever value of it was asked for, and each row with all quoted columns."""
    once: dict[tuple[str, tuple[Evidence, ...]], DraftSentence] = {}
    for draft in said:
        once.setdefault((draft.text, draft.evidence), draft)
    drafts = list(once.values())
    for draft in drafts:
        same = [other for other in drafts if _same_row(draft, other)]
        if len(same) < 2:
            yield draft
        elif same[0] is draft:
            yield _with_columns(draft, [span for one in same for span in one.evidence[0].spans])


def _same_row(one: DraftSentence, other: DraftSentence) -> bool:
    row = _row_of(one)
    return row is not None and row == _row_of(other)


def _row_of(draft: DraftSentence) -> CandidateSentence | None:
    """Return the row of a table that a draft quotes, with all its columns; None for other drafts."""
    if len(draft.evidence) != 1 or quoted_row(draft.text) is None:
        return None
    stored, spans = draft.evidence[0].stored, draft.evidence[0].spans
    wholes = (CandidateSentence(stored, index) for index in range(len(stored.passage.sentences)))
    return next((whole for whole in wholes if _inside(spans, whole.sentence.spans)), None)


def _with_columns(draft: DraftSentence, spans: Sequence[Span]) -> DraftSentence:
    """Return the row that ``draft`` quotes with all columns of which something stands in ``spans``."""
    whole = _row_of(draft)
    row = quoted_row(whole.sentence.text) if whole is not None else None
    if whole is None or row is None:
        return draft
    columns = range(len(row.cells))
    single = {at: replace(whole, columns=frozenset({at})).sentence.spans for at in columns}
    kept = frozenset(at for at in columns if _inside(single[at], spans))
    sentence = replace(whole, columns=kept).sentence
    evidence = (Evidence.of(whole.stored, sentence),)
    return replace(draft, text=sentence.text, evidence=evidence, answer_span=None)


def _is_about(share: Share, draft: DraftSentence) -> bool:
    """Whether a sentence, or what it stands under, has the name that is asked about."""
    heads = [f"{item.stored.title}\n{item.stored.passage.section}" for item in draft.evidence]
    return not share.is_name or any(stands_in(share.label, text) for text in (draft.text, *heads))


def _covers(one: DraftSentence, other: DraftSentence) -> bool:
    """Whether one quotation has all that another one quotes: a row of a table with more of its columns."""
    return all(any(_within(inner, outer) for outer in one.evidence) for inner in other.evidence)


def _within(inner: Evidence, outer: Evidence) -> bool:
    same = inner.stored.document_id == outer.stored.document_id
    return same and _inside(inner.spans, outer.spans)


def _inside(inner: Iterable[Span], outer: Sequence[Span]) -> bool:
    return all(any(first <= start and end <= last for first, last in outer) for start, end in inner)


def _speaks_of(share: Share, draft: DraftSentence) -> bool:
    """Whether a sentence has the words of what is asked, so that it may answer that as well."""
    if share.is_name:
        return stands_in(share.label, draft.text)
    text = normalise(draft.text)
    stems = {stem(word) for word in words(text)}
    asked = [word for word in words(share.label) if word not in STOPWORDS and (len(word) > 1 or not has_han(word))]
    return bool(asked) and all(word in text if has_han(word) else stem(word) in stems for word in asked)


def _silence(label: str, language: Language) -> str:
    if label.endswith(("?", "？")):
        return messages.UNANSWERED_QUESTION(language, question=label)
    return messages.SILENT_DOCUMENT(language, name=label)
