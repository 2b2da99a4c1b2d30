"""Verification: does the evidence that a sentence cites say what the sentence says? Deterministic.

Whole sentences that stand in the evidence letter by letter pass. In any other, each figure in digits must occur in the
evidence or follow from it, and the support judge must believe it: the reader's second task. What the rules of this
package object to lowers its belief, each by what fitting found it worth. Without a judge, a sentence that a rule
objects to fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from qa.types import Evidence
from qa.verify import alignment, arithmetic, comparisons, figures, meaning, scope, wording
from qa.verify.arithmetic import Derivation
from qa.verify.source import Source, bare, squash, unnumbered

__all__ = [
    "CHECKS",
    "RULES",
    "Derivation",
    "Source",
    "Verdict",
    "Verifier",
    "bare",
    "derived_sets",
    "miscomputed",
    "objections",
    "source_of",
    "squash",
    "verbatim",
    "verify",
    "verify_against",
    "weighed",
]

Check = Callable[[str, Sequence[Source]], str | None]
"""Returns why a claim fails against its sources, None when it passes. Its docstring says what must hold."""

LOOSE = "loose figures"
CHECKS: dict[str, Check] = {
    LOOSE: figures.loose_occur,
    "conclusions": comparisons.conclusions_shown,
    "rank": figures.ranked,
    "terms": figures.terms_occur,
    "belonging": figures.belong,
    "alignment": alignment.aligned,
    "attribution": comparisons.attributed,
    "scope": scope.within,
    "order": scope.in_order,
    "names": wording.names_occur,
    "words": wording.words_occur,
    "meaning": meaning.preserved,
}
"""The rules that the judge weighs, by the names under which its calibration has their penalties."""


class Judge(Protocol):
    """Says whether evidence bears out a claim."""

    def supports(self, claim: str, sources: Sequence[Source], objections: Collection[str]) -> bool:
        """Whether it believes that ``sources`` say what ``claim`` says, although the rules named object."""
        ...


UNSUPPORTED = "the evidence doesn't say so"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` says why a sentence was dropped, None when it stands."""

    ok: bool
    reason: str | None = None
    derived: tuple[Derivation, ...] = ()
    """How its figures follow that no evidence spells out."""


class Verifier:
    """Verifies sentences. Threads may share one.

    Args:
        judge: decides; None where the rules alone do.
    """

    def __init__(self, judge: Judge | None = None) -> None:
        self._judge = judge

    def verify(self, text: str, evidence: Sequence[Evidence], premise: str = "") -> Verdict:
        """Return whether ``evidence``, with its documents' titles and sections as context, supports one sentence.

        Args:
            premise: verified sentences beside it, whose figures a conclusion ("A has more") may rest on.
        """
        return self.verify_against(text, [source_of(item) for item in evidence], premise)

    def verify_against(self, text: str, sources: Sequence[Source], premise: str = "") -> Verdict:
        """As ``verify``, over prepared sources."""
        claim = bare(text)
        if not any(char.isalnum() for char in claim):
            return Verdict(False, "there is no word in it")
        if not sources:
            return Verdict(False, "it cites nothing")
        if verbatim(claim, sources):
            return Verdict(True)
        claim = unnumbered(claim)
        missing, found, some = weighed(claim, sources, premise, unsaid=self._judge is not None)
        if missing:
            return Verdict(False, missing)
        stands = self._judge.supports(claim, sources, found.keys()) if self._judge else not found
        return Verdict(True, derived=some) if stands else Verdict(False, next(iter(found.values()), UNSUPPORTED))


def weighed(
    claim: str, sources: Sequence[Source], premise: str, unsaid: bool
) -> tuple[str | None, dict[str, str], tuple[Derivation, ...]]:
    """Return what is wrong beyond doubt or None, else the reasons of the rules that object, and how figures follow.

    Of the ways to derive the claim's figures, the one to which the fewest rules object.
    """
    missing = miscomputed(claim, sources, premise)
    found = {} if missing else objections(claim, sources)
    if not missing and LOOSE not in found:
        return None, found, ()
    ways: list[tuple[dict[str, str], tuple[Derivation, ...]]] = [] if missing else [(found, ())]
    for some in derived_sets(claim, sources, unsaid):
        rest = arithmetic.without(claim, some)
        if not miscomputed(rest, sources, premise):
            ways.append((objections(rest, sources), some))
    return (None, *min(ways, key=lambda way: len(way[0]))) if ways else (missing, {}, ())


def miscomputed(claim: str, sources: Sequence[Source], premise: str = "") -> str | None:
    """Return what no judge is asked about: a figure in digits that isn't in the evidence, a sum that doesn't hold, a
    comparison that figures speak against."""
    return (
        figures.occur(claim, sources)
        or arithmetic.sums_hold(claim, sources)
        or comparisons.conclusions_follow(claim, sources, premise)
    )


def objections(claim: str, sources: Sequence[Source]) -> dict[str, str]:
    """Return the reasons of the rules that object, by their names."""
    found = {name: check(claim, sources) for name, check in CHECKS.items()}
    return {name: reason for name, reason in found.items() if reason}


def derived_sets(claim: str, sources: Sequence[Source], unsaid: bool) -> list[tuple[Derivation, ...]]:
    """Return which figures of a claim may be taken for derived ones: those that are nowhere else first, then all.

    Args:
        unsaid: those too that aren't said to be computed.
    """
    computed = arithmetic.derived(claim, sources, unsaid)
    new = tuple(one for one in computed if one.new)
    return [some for some in dict.fromkeys((new, computed)) if some]


RULES = Verifier()
"""Without a judge."""
verify = RULES.verify
verify_against = RULES.verify_against


def source_of(item: Evidence) -> Source:
    """Return what verification compares with: the quote, the title and section above it, and its passage."""
    stored = item.stored
    told = tuple(sentence.text for sentence in stored.passage.sentences)
    return _source(item.quote, told, f"{stored.title}\n{stored.passage.section}", stored.document_id)


@lru_cache(maxsize=1024)
def _source(quote: str, told: tuple[str, ...], context: str, document: str) -> Source:
    return Source(_parted(quote, told), context, document, "\n\n".join(told))


def _parted(quote: str, told: Sequence[str]) -> str:
    """Return a quote with its sentences on lines of their own: nothing parts them there, not even a space."""
    for first, text in enumerate(told):
        if not quote.startswith(text):
            continue
        for last in range(first + 1, len(told) + 1):
            if "".join(told[first:last]) == quote:
                return "\n\n".join(told[first:last])
    return quote


def verbatim(claim: str, sources: Sequence[Source]) -> bool:
    """Whether the claim is whole sentences of a quote (or of the quotes on end), or such up to a semicolon.

    Any other stretch may have lost its condition, its time or who says so at a comma.
    """
    needle = squash(claim).strip(_ENDS)
    return any(_within(needle, stretch) for stretch in ([source] for source in sources)) or _within(needle, sources)


def _within(needle: str, sources: Sequence[Source]) -> bool:
    hay, starts, ends = "", set[int](), set[int]()
    for source in sources:
        starts |= {len(hay) + at for at in source.edges.starts}
        ends |= {len(hay) + at for at in source.edges.ends}
        hay += source.edges.text
    return any(_end(hay, at + len(needle), ends) in ends for at in _places(needle, hay) if at in starts)


def _end(hay: str, at: int, ends: Collection[int]) -> int:
    """Return the first offset from ``at`` on, behind nothing but marks, that is one of ``ends`` or of another text."""
    while at not in ends and hay[at : at + 1] in _CLOSING:
        at += 1
    return at


def _places(needle: str, hay: str) -> Iterator[int]:
    at = hay.find(needle)
    while at >= 0:
        yield at
        at = hay.find(needle, at + 1)


_ENDS = "。.!！?？;；,，、:："
_CLOSING = frozenset(_ENDS + "”’\"'」』》）)]】")
