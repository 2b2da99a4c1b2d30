"""Partial refusals: what a model says that the reports don't give is no claim about them, and is kept as a notice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from qa import messages as texts
from qa.answering.attribution import Attributed
from qa.answering.lead_ins import MOST_NEW, weight_of_new
from qa.answering.llm_output import WrittenSentence
from qa.text.quantities import occurs
from qa.types import Candidate, Evidence, Notice
from qa.verify import Source, source_of
from qa.verify.figures import terms_occur
from qa.verify.source import quantities_of
from qa.verify.wording import names_occur
from vectorstore.text.language import Language, has_han, is_english
from vectorstore.text.words import normalise

_REPORT = r"(?:passages?|reports?|documents?|context|sources?|material|excerpts?)"
_WHAT_IS_SAID = r"(?:mention|information|details?|data|figures?)"
_ABSENT = re.compile(
    r"(?:资料|材料|文档|文件|文段|段落|报告|原文|上下文)(?:中|里|内)?(?:也|并|均|都)*(?:没有|没|未|不)[^，。；]{0,4}"
    r"(?:提到|提及|说明|涉及|包含|提供|给出|记载|回答|披露|列出|写明|显示)"
    r"|(?:资料|材料|文档|文件|文段|段落|报告|原文|上下文)(?:中|里|内)(?:也|并|均|都)*(?:没有|无)"
    r"(?=[^，。；]{2,40}的?(?:数据|数字|信息|内容|说明|记载))"
    rf"|(?:the|these|those|this|no|any)?\s{{0,9}}\b{_REPORT}\s+"
    r"(?:(?:provided|shown|given|above|also)\s+)*(?:(?:do|does|did)(?:\s+not|n['’]t)\s+"
    r"(?:\w+ly\s+)?(?:say|state|mention|give|specify|provide|contain|include|indicate|cover|explain|list|name|report|"
    r"disclose|show|address)\b"
    rf"|(?:gives?|provides?|contains?|includes?|has|have|makes?)\s+no\s+{_WHAT_IS_SAID}\b)"
    r"|\b(?:is|are|was|were)(?:\s+not|n['’]t)\s+(?:\w+ly\s+)?"
    r"(?:said|stated|mentioned|given|specified|provided|included|indicated|covered|explained|listed|reported|disclosed)"
    rf"\s+(?:in|by)\s+(?:the|these|those|any)\s+{_REPORT}\b"
    rf"|\bthere\s+(?:is|are|was|were)\s+no\s+{_WHAT_IS_SAID}\s+(?=[^,.;]{{0,80}}\b{_REPORT}\b)",
    re.I,
)
"""The reports themselves as what doesn't say: "the company does not provide" is a claim."""
_CLAIM = 24
"""Letters of a claim at least; a Chinese character counts for two."""
_BOUNDARY = re.compile(r"[，；;。！？]|[,.!?](?=\s|$)")


class Refusals:
    """Collects one answer's partial refusals."""

    def __init__(self, question: str, shown: Sequence[Candidate]) -> None:
        self.question = question
        self.shown = shown
        self._found: list[str] = []

    def without(self, sentences: Iterable[WrittenSentence]) -> Iterator[WrittenSentence]:
        """Yield ``sentences`` without the refusals that are kept as notices, and without those at the end of another's.

        One that ``declines`` and is no notice may be a claim ("The auditors' report did not identify any weaknesses"):
        it is verified, and ``take`` leaves it out where it fails.
        """
        for sentence in sentences:
            rest, uncited = _rest(sentence.text), sentence.declines
            if not rest and not uncited:
                yield sentence
            elif not self._note(sentence.text):
                if not sentence.leads_in or not uncited:
                    yield sentence
            elif rest:
                yield replace(sentence, text=rest, declines=False, place=replace(sentence.place, markdown=""))

    def take(self, sentence: Attributed) -> bool:
        """Return whether a sentence that failed verification is a refusal, and keep it when it can be a notice."""
        return self._note(sentence.draft.text) or sentence.declines

    def notices(self, language: Language) -> Iterator[Notice]:
        """Yield a notice for each refusal; for an answer of which something stands."""
        for text in dict.fromkeys(self._found):
            yield Notice(texts.MODEL_NOTES(language, text=text))

    def _note(self, text: str) -> bool:
        clause = _absence(text)
        if not clause or not self._says_nothing_else(clause):
            return False
        self._found.append(clause)
        return True

    def _says_nothing_else(self, clause: str) -> bool:
        """Whether the figures and names of a clause are in the question or the passages, and it has few other words."""
        told = [source_of(Evidence(c.stored, c.stored.passage.text, c.stored.passage.spans)) for c in self.shown]
        told.append(Source(self.question, "", ""))
        known = [quantity for source in told for quantity in (*source.quantities, *source.years)]
        if not all(q.article or occurs(q, known) for q in quantities_of(normalise(clause))):
            return False
        if weight_of_new(_ABSENT.sub(" ", clause), told) > MOST_NEW:
            return False
        return not any(check(clause, told) for check in (terms_occur, names_occur))


def denies(sentence: WrittenSentence) -> bool:
    """Whether a sentence says nothing but that the reports don't say."""
    return bool(_absence(sentence.text)) and not _rest(sentence.text)


def _absence(text: str) -> str:
    """Return the clause of ``text`` that says that the reports don't say; empty where none does."""
    start, end = _bounds(text)
    clause = text[start:end].strip()
    said = any(char.isalnum() for char in _ABSENT.sub("", clause))
    return clause + ("." if is_english(text) else "。") if said else ""


def _rest(text: str) -> str:
    """Return what a sentence claims before its last clause, which is a refusal; empty where it is not, or claims none.

    "As for pay" claims nothing: it has to be about as long as a claim.
    """
    start, end = _bounds(text)
    claim = text[:start].strip(" ，；;,")
    long = sum(2 if has_han(char) else char.isalnum() for char in claim) >= _CLAIM
    if not long or any(char.isalnum() for char in text[end:]):
        return ""
    return claim + ("." if is_english(text) else "。")


def _bounds(text: str) -> tuple[int, int]:
    """Return where the clause begins and ends that says that the reports don't say; (0, 0) where none does."""
    found = _ABSENT.search(text)
    if found is None:
        return 0, 0
    start = max((stop.end() for stop in _BOUNDARY.finditer(text, 0, found.start())), default=0)
    return start, next((stop.start() for stop in _BOUNDARY.finditer(text, found.end())), len(text))
