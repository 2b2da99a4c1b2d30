"""How well a sentence answers a question: the features that are weighed, none of which knows a document by name.

Every feature is a plain number, mostly between 0 and 1, computed from the words, quantities, names and vectors of the
question and of one sentence in its passage. ``qa.ranking.model`` holds the weights that were fitted for them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from qa.question.analysis import Kind
from qa.ranking import date_match, entity_type, list_length, quantity_match
from qa.ranking.answer_type import measured, numbers, offers, tags
from qa.ranking.query_terms import Focus, cover, topic_cover
from qa.text import english
from qa.text.quantities.numerals import DIGITS
from vectorstore.text.words import normalise, terms
from vectorstore.types import Sentence, StoredPassage

FEATURES = (
    "cosine",  # question and sentence
    "cosine_focus",  # question without the names of documents, and sentence
    "cosine_passage",  # question and passage in context
    "cover",  # share of the question's rare terms (idf-weighted) that stand in the sentence
    "cover_segment",  # the same for its best stretch between commas
    "cover_context",  # the same for the sentence with its neighbours, passage, section and title
    "cover_gap",  # the rarest term that the context lacks, as a share of the rarest there could be
    "cover_kind",  # cover of the best stretch that offers the kind of answer asked for
    "kind",  # the sentence offers that kind of answer
    "measure",  # a number with the very measure word that the question counts in
    "numbers",  # share of the question's numbers that the sentence or its context has
    "named",  # from the document that the question names: 1; from another although one is named: -1
    "rank",  # reciprocal rank of the passage
    "length",  # ln of the sentence's characters, over 5
    "heading",  # a lead or heading: short, without a quantity or an end mark
    "question_like",  # the sentence is itself a question
    "previous",  # cover of the sentence before it
    "label",  # share of a "label：value" line's label that the question asks for; 0 without a label
    "precision",  # share of the sentence's terms (idf-weighted) that the question has
    "density",  # cover per ln of length
    "date",  # a date that the question names: 1 in the sentence, 0.7 in part, -1 when it has another; see date_match
    "attribute",  # longest stretch of the asked attribute ("...的净资产收益率是多少") in the sentence, as a share of it
    "cover_document",  # cover of all candidate passages of the document together
    "year",  # the question names a year that stands nowhere in the document's candidate passages
    "stranger",  # the question has a proper name that stands nowhere in the document's candidate passages
    "counts",  # a quantity of the kind asked for counts what is asked ("党员" and not "党员中心户")
    "gap",  # the rarest term that the sentence itself lacks, as a share of the rarest there could be
    "cover_clause",  # cover of the best stretch that itself offers the kind of answer
    "rival",  # that stretch has another number or level than the question names ("省级" and not "国家级")
    "again",  # a conversation's last answer quoted this sentence
    "beside",  # or another one of its passage
    "topic",  # share of the terms of the conversation's last round (idf-weighted) that stand in the sentence
    "topic_context",  # the same for the sentence's passage, section and title
    "narrower",  # the question narrows down ("每月", "最高", "女") and the sentence doesn't: 1 for each way, at most 2
    "states",  # a quantity of the kind asked for counts the very thing asked; 0.5 when no quantity is asked for
    "sort",  # the sentence names one of the sort that is asked for ("谁", "哪个镇"): 1; 0.5 when no sort is asked for
    "items",  # a list as long as the question wants it ("哪五种"): 1; none of that length: -1; 0 when it says no number
    "quoted",  # share of what the question puts in quotation marks that stands in the sentence, half for its passage
    "cover_told",  # cover of the sentence, with the one before it where it leans on that one ("they had been 5")
    "cosine_told",  # question and sentence, or the mean of both there
    "cause",  # a reason is asked for and it gives one: cover of what it gives it for, itself or a sentence beside it
)


IN_SENTENCE, IN_CONTEXT = 2, 1
"""Where a term of the question stands: in the sentence, or only in its passage, section or title."""

_SEGMENT = re.compile(r"(?:[，；;。！？!?：:\n]|(?<!\d),|,(?!\d))+")


@lru_cache(maxsize=65536)
def term_set(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def matrix(
    focus: Focus, passages: Sequence[StoredPassage], vectors: Sequence[np.ndarray], cosines: Sequence[float]
) -> tuple[np.ndarray, list[tuple[int, int]], np.ndarray]:
    """Return the features of every sentence of ``passages`` (best first).

    Args:
        vectors: for each passage the vectors of its sentences, (n, d).
        cosines: question and passage in context, for each passage.

    Returns:
        (sentences, len(FEATURES)) float64; for each row the indices of its passage and of its sentence in it; and where
        each term of ``focus.terms`` stands, (sentences, terms) uint8: IN_SENTENCE, IN_CONTEXT or 0 for nowhere.
    """
    rows, keys, where = [], [], []
    question = normalise(focus.question.text)
    documents = _covered(focus, passages)
    quotations = _QUOTATION.findall(question)
    reason = focus.question.kind is Kind.REASON
    strangers, years = _strangers(focus, passages), _years(focus, passages)
    for rank, (stored, units, cosine) in enumerate(zip(passages, vectors, cosines, strict=True)):
        sentences = stored.passage.sentences
        context = term_set(f"{stored.title}\n{stored.passage.section}") | term_set(stored.passage.text)
        around = numbers(stored.passage.text) | numbers(f"{stored.title} {stored.passage.section}")
        cover_context = cover(focus, context)
        gap = max((w for t, w in focus.weights.items() if t not in context), default=0.0) / focus.rarest
        named = 0.0 if not focus.named else 1.0 if stored.document_id in focus.named else -1.0
        cos, cos_focus = units @ focus.vector, units @ focus.focus_vector
        covers = [cover(focus, term_set(sentence.text)) for sentence in sentences]
        around_text = (
            normalise(f"{stored.title}\n{stored.passage.section}\n{stored.passage.text}") if quotations else ""
        )
        frame = normalise(f"{stored.document} {stored.title}"), normalise(stored.passage.section)
        folded = [normalise(sentence.text) for sentence in sentences]
        leaning = [index > 0 and leans(text) for index, text in enumerate(folded)]
        again = [any(clause in text for clause in focus.told) for text in folded]
        beside = float(any(again))
        topic_context = topic_cover(focus, context)
        for index, sentence in enumerate(sentences):
            own = _own(focus, question, sentence, covers[index], around, _opened(focus, sentences, index), frame)
            rows.append(
                (
                    float(cos[index]), float(cos_focus[index]), cosine,
                    own["cover"], own["segment"], cover_context, gap, own["cover_kind"], own["kind"], own["measure"],
                    own["numbers"], named, 1.0 / (1 + rank), own["length"], own["heading"], own["asks"],
                    covers[index - 1] if index else 0.0,
                    own["label"], own["precision"], own["density"],
                    own["date"], own["attribute"], documents[stored.document_id], years[stored.document_id],
                    strangers[stored.document_id],
                    own["counts"], own["gap"], own["clause"], own["rival"],
                    float(again[index]), beside, own["topic"], topic_context, own["narrower"],
                    own["states"], own["sort"], list_length.named(focus.question, folded, index),
                    _quoted(quotations, folded[index], around_text),
                    cover(focus, term_set(sentence.text) | term_set(sentences[index - 1].text))
                    if leaning[index]
                    else covers[index],
                    float(cosine_mean(units[index - 1 : index + 1], focus.vector) if leaning[index] else cos[index]),
                    own["kind"] * max(covers[max(0, index - 1) : index + 2]) if reason else 0.0,
                )
            )  # fmt: skip
            keys.append((rank, index))
            mine = term_set(sentence.text)
            where.append([IN_SENTENCE if t in mine else IN_CONTEXT if t in context else 0 for t in focus.terms])
    held = np.array(where, dtype=np.uint8).reshape(len(rows), len(focus.terms))
    return np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES)), keys, held


_LEANS = re.compile(
    r"^(?:其|该|这|此|它|他|她|上述|同时|同期|另|当年|前者|后者)"
    r"|^(?:(?:in|by|on|at|of|for|from|with|since|until|after|before|against|and|but|so|yet|while)\b\s+)?(?:[\w,]+\s+){0,5}?"
    r"(?:it|its|they|them|their|these|those|this|that|he|she|his|her|him|both|another|the others?)\b"
)


@lru_cache(maxsize=65536)
def leans(text: str) -> bool:
    """Whether a sentence (normalised) leans on the one before it ("In 1990 they had been 212,000 tonnes")."""
    return bool(_LEANS.match(text))


def cosine_mean(units: np.ndarray, vector: np.ndarray) -> float:
    """Return the cosine of ``vector`` with the mean of ``units``, shape (n, d)."""
    mean = units.sum(axis=0)
    return float(mean @ vector / (np.linalg.norm(mean) or 1.0))


def _covered(focus: Focus, passages: Sequence[StoredPassage]) -> dict[str, float]:
    """Return document id -> cover of its candidate passages together."""
    present: dict[str, set[str]] = {}
    for stored in passages:
        present.setdefault(stored.document_id, set()).update(term_set(stored.passage.text), term_set(stored.title))
    return {document: cover(focus, frozenset(found)) for document, found in present.items()}


def _strangers(focus: Focus, passages: Sequence[StoredPassage]) -> dict[str, float]:
    """Return document id -> 1.0 when a proper name of the question stands nowhere in it, as far as it was retrieved."""
    names = [word for word, tag in tags(normalise(focus.question.text)) if tag in _NAMES and len(word) > 1]
    called = focus.names.split()
    if english.is_english(focus.question.text):
        names = list(english.names(focus.question.text))
    names = [name for name in names if not any(part in name or name in part for part in called)]
    held: dict[str, str] = {}
    for stored in passages:
        held[stored.document_id] = held.get(stored.document_id, stored.title) + stored.passage.text
    return {
        document: float(any(name.rstrip("省市县区镇乡村") not in normalise(text) for name in names))
        for document, text in held.items()
    }


def _years(focus: Focus, passages: Sequence[StoredPassage]) -> dict[str, float]:
    """Return document id -> 1.0 when a year of the question stands nowhere in it, as far as it was retrieved."""
    asked = set(_YEAR.findall(normalise(focus.question.text)))
    held: dict[str, set[str]] = {}
    for stored in passages:
        found = held.setdefault(stored.document_id, set())
        if asked:
            found.update(_ANY_YEAR.findall(f"{stored.title} {stored.passage.text}"))
    return {document: float(not asked <= found) for document, found in held.items()}


_COUNT = re.compile(r"^[\d一二两三四五六七八九十]+[个大项类]?")
_QUOTATION = re.compile(r"[“\"‘「『《]([^“”\"‘’「」『』《》]{2,30})[”\"’」』》]")


def _quoted(quotations: Sequence[str], text: str, around: str) -> float:
    """Return how far ``quotations`` stand in ``text``, or in what is ``around`` it; 1.0 when there are none.

    A name that counts ("四个坚持") half stands where what it counts does.
    """
    if not quotations:
        return 1.0
    counted = [_COUNT.sub("", one) for one in quotations]
    return sum(
        1.0 if one in text else 0.5 if one in around or (len(rest) > 1 and rest in text) else 0.0
        for one, rest in zip(quotations, counted, strict=True)
    ) / len(quotations)


_ANY_YEAR = re.compile(r"(?:19|20)\d\d")
_NAMES = frozenset(("ns", "nr", "nt", "nz", "nrt", "nrfg"))

_YEAR = re.compile(r"(?:19|20)\d\d(?=年)|\b(?:19|20)\d\d\b(?=[^\u4e00-\u9fff]*$)")


def _stretch(wanted: str, text: str) -> float:
    """Return the share of ``wanted`` that its longest substring in ``text`` makes up; 0.5 when nothing is wanted."""
    if not wanted:
        return 0.5
    for size in range(len(wanted), 1, -1):
        if any(wanted[i : i + size] in text for i in range(len(wanted) - size + 1)):
            return size / len(wanted)
    return 0.0


_NUMBER_OF = re.compile(r"(\d[\d,.]*)(?:余|多)?[万亿千百]?(?:余|多)?([^\W\d]{2})")


_GRADE = re.compile("[一二三四五六七八九](?=星级?|级|等奖|等功)")


def _graded(text: str) -> str:
    """Return ``text`` with the numerals of its grades as digits: "四星级" and "4星级" are the same."""
    return _GRADE.sub(lambda match: str(DIGITS[match[0]]), text)


_LEVEL = re.compile(r"国家级|省级|市级|县级|区级|厅级|处级|科级")


def _rival(question: str, text: str) -> bool:
    """Whether ``text`` has another number for what ``question`` gives a number of, or another level, and not that one.

    Years and months are ``date``'s; a unit is told by two characters ("个村", "星级"). A level is 国家级, 省级, ...
    """
    text, question = _graded(text), _graded(question)
    levels, asked = set(_LEVEL.findall(text)), set(_LEVEL.findall(question))
    if asked and levels and asked.isdisjoint(levels) and not any(level[0] in text for level in asked):
        return True
    here: dict[str, set[str]] = {}
    for number, unit in _NUMBER_OF.findall(text):
        here.setdefault(unit, set()).add(number)
    return any(
        unit in here and number not in here[unit]
        for number, unit in _NUMBER_OF.findall(question)
        if unit[0] not in "年月日"
    )


_LABEL = re.compile(r"^[\W\d]*([^：:，。；\d]{2,14})\s*[：:]")


def _label(focus: Focus, text: str) -> float:
    match = _LABEL.match(text)
    if not match:
        return 0.0
    label = term_set(match[1].strip("* "))
    return len(label & focus.weights.keys()) / max(1, len(label))


LEAD = 24
"""Characters: a first sentence this short is likely what its paragraph opens with."""


def _opened(focus: Focus, sentences: Sequence[Sentence], index: int) -> str:
    """Return what a lead ("优化营商环境。") opens, for a question that wants several sentences: that is its answer."""
    if index or len(sentences[0].text) > LEAD or not focus.question.wants_much:
        return ""
    return normalise("".join(sentence.text for sentence in sentences[1:3]))


def _own(
    focus: Focus,
    question: str,
    sentence: Sentence,
    covered: float,
    around: frozenset[str],
    opened: str,
    frame: tuple[str, str],
) -> dict[str, float]:
    """Return the features that a sentence has by itself, or together with what it opens."""
    text = normalise(sentence.text)
    mine = term_set(sentence.text)
    segments = [part for part in _SEGMENT.split(text) if part.strip()] or [text]
    covers = [cover(focus, term_set(part)) for part in segments]
    kind = focus.question.kind
    names = english.people(sentence.text) if english.is_english(text) else frozenset()
    least = offers(kind, opened, question) if opened else 0.0
    kinds = [max(least, offers(kind, part, question, names)) for part in segments]
    # A stretch is read with the one before it: "村党组织书记、主任一肩挑后，占比达97%" names and counts in two.
    near = [max(c, (covers[i - 1] if i else 0.0) * 0.7 + c * 0.6) for i, c in enumerate(covers)]
    wanted = focus.numbers
    clauses = [c * k for c, k in zip(covers, kinds, strict=True)]
    answering = segments[max(range(len(segments)), key=lambda i: (clauses[i], covers[i]))]
    return {
        "topic": topic_cover(focus, mine),
        "clause": max(clauses),
        "rival": float(_rival(question, answering)),
        "cover": covered,
        "segment": max(covers),
        "cover_kind": max((n * k for n, k in zip(near, kinds, strict=True)), default=0.0),
        "kind": max(least, offers(kind, text, question, names)),
        "measure": measured(focus.question, text),
        "numbers": len(wanted & (numbers(text) | around)) / len(wanted) if wanted else 1.0,
        "length": math.log(max(1, len(text))) / 5,
        "heading": float(len(text) < 16 and not re.search(r"[\d。！？；;:：]", text)),
        "label": _label(focus, text),
        "precision": len(mine & focus.weights.keys()) / math.sqrt(len(mine) + 1),
        "density": covered / math.log(max(3, len(text))),
        "date": date_match.agreement(question, text, *frame),
        "attribute": _stretch(focus.attribute, text),
        "counts": quantity_match.score(focus.question, focus.thing, text),
        "gap": max((w for t, w in focus.weights.items() if t not in mine), default=0.0) / focus.rarest,
        "narrower": float(min(2, sum(not held.search(text) for held in focus.narrowed))),
        "states": float(quantity_match.states(focus.question, focus.thing, text)) if focus.thing else 0.5,
        "sort": entity_type.named(entity_type.sort(focus.question), text, question, names),
        "asks": float(text.endswith(("?", "？"))),
    }
