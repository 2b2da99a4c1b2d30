"""Verification: does the evidence that a sentence cites say what the sentence says? Deterministic, without a model.

A sentence that stands in its evidence letter by letter passes. Any other has to pass every check below; each errs towards
dropping a true sentence, since a lie that reaches a reader is worse. The first check that fails gives the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from qa.claims import bare, changed_meaning, content_words, names
from qa.numbers import Kind, Quantity, fixed_numerals, quantities, same
from qa.types import Evidence
from vectorstore.words import normalise

SUPPORT = 0.75
"""Least share (by characters) of a sentence's content words that its evidence holds."""
CLAUSE_SUPPORT = 0.5
"""The same for each clause of it that has at least ``CLAUSE_CHARS`` characters of content."""
CLAUSE_CHARS = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` says why a sentence was dropped, None when it stands."""

    ok: bool
    reason: str | None = None


def verify(text: str, evidence: Sequence[Evidence]) -> Verdict:
    """Return whether ``evidence``, with its documents' titles and sections as context, supports the sentence ``text``."""
    return verify_against(text, [source_of(item) for item in evidence])


def source_of(item: Evidence) -> Source:
    """Return what verification compares with: the quote, and the title and section that it stands under."""
    return Source(item.quote, f"{item.stored.title}\n{item.stored.passage.section}", item.stored.document_id)


@dataclass(frozen=True)
class Source:
    """A piece of evidence in the forms that the checks need."""

    quote: str
    context: str
    document: str

    @cached_property
    def flat(self) -> str:
        return squash(self.quote)

    @cached_property
    def whole(self) -> str:
        """Quote and context, for words and names."""
        return self.flat + "\n" + squash(self.context)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return _quantities(normalise(self.quote))

    @cached_property
    def years(self) -> tuple[Quantity, ...]:
        """Years that the title gives ("2019年度报告"); its other numbers are no evidence."""
        dates = (q for q in _quantities(normalise(self.context)) if q.kind is Kind.DATE)
        return tuple(q for q in dates if q.date[0] is not None)


@lru_cache(maxsize=4096)
def _quantities(text: str) -> tuple[Quantity, ...]:
    return tuple(quantities(text))


def squash(text: str) -> str:
    """Return ``text`` in normal form without white space, as strings are compared here."""
    return re.sub(r"\s+", "", normalise(text))


def verify_against(text: str, sources: Sequence[Source]) -> Verdict:
    """As ``verify``, over prepared sources."""
    claim = bare(text)
    if not any(char.isalnum() for char in claim):
        return Verdict(False, "empty")
    if not sources:
        return Verdict(False, "no evidence")
    if verbatim(claim, sources):
        return Verdict(True)
    checks: tuple[Callable[[str, Sequence[Source]], str | None], ...] = (
        _numbers_occur,
        _terms_occur,
        _names_occur,
        _words_occur,
        _meaning_kept,
    )
    for check in checks:
        reason = check(claim, sources)
        if reason:
            return Verdict(False, reason)
    return Verdict(True)


def verbatim(claim: str, sources: Sequence[Source]) -> bool:
    """Whether the claim is a stretch of a quote that begins at a clause and cuts no number or word short."""
    needle = squash(claim).strip("。.!！?？;；,，")
    for hay in ("".join(source.flat for source in sources), *(source.flat for source in sources)):
        at = hay.find(needle)
        while at >= 0:
            before, after = hay[at - 1 : at], hay[at + len(needle) : at + len(needle) + 1]
            if not _joined(before) and not (after and after in "0123456789.%％" and needle[-1:].isdigit()):
                return True
            at = hay.find(needle, at + 1)
    return False


def _joined(before: str) -> bool:
    return bool(before) and (before.isalnum() or before in ".%-+")


def _numbers_occur(claim: str, sources: Sequence[Source]) -> str | None:
    documents = {source.document for source in sources}
    known = [q for source in sources for q in source.quantities]
    years = [q for source in sources for q in source.years]
    for quantity in _quantities(normalise(claim)):
        if any(same(quantity, other) for other in known):
            continue
        if quantity.kind is Kind.DATE and _dated(quantity, known, years):
            continue
        if (
            quantity.kind is Kind.NUMBER
            and quantity.value in (len(sources), len(documents))
            and _counts_sources(claim, quantity)
        ):
            continue
        if quantity.article and not _contradicted(quantity, known):
            continue
        return f"{quantity.text} is not in the evidence"
    return None


def _dated(quantity: Quantity, known: Sequence[Quantity], years: Sequence[Quantity]) -> bool:
    """A date whose year stands elsewhere: "2019年……3月", or a year that only the title gives."""
    year, month, day = quantity.date
    if year is None:
        return False
    if month is None and day is None:
        return any(q.date[0] == year for q in years)
    yearless = any(
        q.kind is Kind.DATE and q.date[0] is None and q.date[1:] in ((month, day), (month, day)) for q in known
    )
    return yearless and any(q.date[0] == year for q in (*known, *years) if q.kind is Kind.DATE)


def _counts_sources(claim: str, quantity: Quantity) -> bool:
    """ "五个地方", "3 reports": a count of what is cited, not a statement of a source."""
    after = normalise(claim)[quantity.end : quantity.end + 12]
    return bool(
        re.match(
            r"\s?(?:地方|地区|县|区|市|公司|单位|报告|文件|文档|案件|判决|资料|places|reports|documents|companies)",
            after,
        )
    )


def _contradicted(quantity: Quantity, known: Sequence[Quantity]) -> bool:
    """一个 where the evidence counts with the same unit: then 一 is a number, and a wrong one."""
    return bool(quantity.unit) and any(q.unit == quantity.unit and q.value != quantity.value for q in known)


def _terms_occur(claim: str, sources: Sequence[Source]) -> str | None:
    for piece in fixed_numerals(normalise(claim)):
        if not any(piece in source.whole for source in sources):
            return f"{piece} is not in the evidence"
    return None


def _names_occur(claim: str, sources: Sequence[Source]) -> str | None:
    for name in names(claim):
        if not any(squash(name) in source.whole for source in sources):
            return f"{name} is not in the evidence"
    return None


def _words_occur(claim: str, sources: Sequence[Source]) -> str | None:
    whole = "\n".join(source.whole for source in sources)
    found = total = 0
    for clause in re.split(r"[，,；;：:。]", claim):
        words = content_words(clause)
        size = sum(map(len, words))
        held = sum(len(word) for word in words if word in whole)
        if size >= CLAUSE_CHARS and held < CLAUSE_SUPPORT * size:
            return f"not in the evidence: {'、'.join(word for word in words if word not in whole)}"
        found, total = found + held, total + size
    if found < SUPPORT * total:
        return f"{found} of {total} characters of its words are in the evidence"
    return None


def _meaning_kept(claim: str, sources: Sequence[Source]) -> str | None:
    return changed_meaning(claim, [source.quote for source in sources])
