"""Verification: does the evidence that a sentence cites say what the sentence says? Deterministic, without a model.

A sentence that stands in its evidence letter by letter passes. Any other has to pass every check of this package; each
errs towards dropping a true sentence, since a lie that reaches a reader is worse. The first to fail gives the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.types import Evidence
from qa.verify import alignment, arithmetic, comparisons, figures, meaning, scope, wording
from qa.verify.arithmetic import Derivation
from qa.verify.source import Source, bare, squash

__all__ = ["Derivation", "Source", "Verdict", "bare", "source_of", "squash", "verify", "verify_against"]

Check = Callable[[str, Sequence[Source]], str | None]
"""Returns why a claim fails against its sources, None when it passes. Its docstring says what must hold."""

_CHECKS: tuple[Check, ...] = (
    figures.occur,
    figures.terms_occur,
    arithmetic.sums_hold,
    wording.names_occur,
    wording.words_occur,
    figures.belong,
    alignment.aligned,
    comparisons.attributed,
    meaning.preserved,
    scope.within,
    scope.in_order,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` says why a sentence was dropped, None when it stands."""

    ok: bool
    reason: str | None = None
    derived: tuple[Derivation, ...] = ()
    """How its figures follow that no evidence spells out."""


def verify(text: str, evidence: Sequence[Evidence], premise: str = "") -> Verdict:
    """Return whether ``evidence``, with its documents' titles and sections as context, supports one sentence.

    Args:
        premise: verified sentences beside it, whose figures a conclusion ("A has more") may rest on.
    """
    return verify_against(text, [source_of(item) for item in evidence], premise)


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


def verify_against(text: str, sources: Sequence[Source], premise: str = "") -> Verdict:
    """As ``verify``, over prepared sources."""
    claim = bare(text)
    if not any(char.isalnum() for char in claim):
        return Verdict(False, "there is no word in it")
    if not sources:
        return Verdict(False, "it cites nothing")
    if verbatim(claim, sources):
        return Verdict(True)
    reason = _failing(claim, sources, premise)
    if not reason:
        return Verdict(True)
    computed = arithmetic.derived(claim, sources)
    new = tuple(one for one in computed if one.new)
    for some in dict.fromkeys((new, computed)):
        if not some:
            continue
        reason = _failing(arithmetic.without(claim, some), sources, premise)
        if not reason:
            return Verdict(True, derived=some)
    return Verdict(False, reason)


def _failing(claim: str, sources: Sequence[Source], premise: str) -> str | None:
    reason = next((reason for check in _CHECKS if (reason := check(claim, sources))), None)
    return reason or comparisons.conclusions_follow(claim, sources, premise)


def verbatim(claim: str, sources: Sequence[Source]) -> bool:
    """Whether the claim is a stretch of a quote (or of the quotes on end) that begins and ends where a clause does.

    It may stand behind its document's name: "甲县：占比达97.48%", the name being in the title.
    """
    needle = squash(claim).strip(_ENDS)
    name, _, rest = needle.partition(":")
    if (
        len(name) > 1
        and rest
        and any(name in squash(source.context) and _within(rest, [source.squashed]) for source in sources)
    ):
        return True
    return _within(needle, ["".join(source.squashed for source in sources), *(source.squashed for source in sources)])


def _within(needle: str, hays: Sequence[str]) -> bool:
    for hay in hays:
        at = hay.find(needle)
        while at >= 0:
            before, after = hay[at - 1 : at], hay[at + len(needle) : at + len(needle) + 1]
            if not (before.isalnum() or before in tuple("-+.%")) and not (after.isalnum() or after in tuple("%％.")):
                return True
            at = hay.find(needle, at + 1)
    return False


_ENDS = "。.!！?？;；,，、:："
