"""How well a sentence answers a question: the features that are weighed, none of which knows a document by name.

Every feature is a plain number, mostly between 0 and 1, computed from the words, quantities, names and vectors of the
question and of one sentence in its passage. ``qa.scoring`` holds the weights that were fitted for them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import rjieba

from qa import bilingual, binding
from qa.question import Kind, Question
from vectorstore.types import Sentence, StoredPassage
from vectorstore.words import normalise, query_terms, terms

Idf = Callable[[Sequence[str]], np.ndarray]

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
    "date",  # the month or year that the question names: 1 in the sentence, -1 when it has another, 0 without
    "attribute",  # longest stretch of the asked attribute ("...的净资产收益率是多少") in the sentence, as a share of it
    "cover_document",  # cover of all candidate passages of the document together
    "year",  # the question names a year that stands nowhere in the document's candidate passages
    "stranger",  # the question has a proper name that stands nowhere in the document's candidate passages
    "counts",  # a quantity of the kind asked for counts what is asked ("党员" and not "党员中心户")
    "gap",  # the rarest term that the sentence itself lacks, as a share of the rarest there could be
    "narrower",  # the question narrows down ("每月", "最高", "女") and the sentence doesn't: 1 for each way, at most 2
)


@dataclass(slots=True)
class Focus:
    """A question, prepared for comparing: its terms with their weights, its vectors, its numbers."""

    question: Question
    vector: np.ndarray
    focus_vector: np.ndarray
    weights: dict[str, float] = field(default_factory=dict)
    """Term -> idf."""
    meanings: dict[str, frozenset[str]] = field(default_factory=dict)
    """Term -> terms that stand for it in a report in another language."""
    numbers: frozenset[str] = frozenset()
    named: dict[str, float] = field(default_factory=dict)
    """Document id -> weight of the names that point to it."""
    rarest: float = 1.0
    names: str = ""
    """The names by which the question calls the document, joined."""
    attribute: str = ""
    """What is asked of the subject, as one stretch of words."""
    thing: str = ""
    """What is counted, when a quantity is asked for."""
    narrowed: tuple[re.Pattern[str], ...] = ()
    """What a sentence must have for each way in which the question narrows down."""

    @property
    def total(self) -> float:
        return sum(self.weights.values()) or 1.0


def prepare(
    question: Question,
    names: str,
    focus: str,
    vector: np.ndarray,
    focus_vector: np.ndarray,
    named: dict[str, float],
    idf: Idf,
) -> Focus:
    """Return ``question`` ready for comparing; ``focus`` is its text without the names of documents."""
    if bilingual.is_foreign(question.text):
        weights, meanings = _translated(focus, idf)
    else:
        wanted = [term for term in query_terms(focus) if term not in _ASKING]
        weights, meanings = dict(zip(wanted, map(float, idf(wanted)), strict=True)) if wanted else {}, {}
    rarest = max(weights.values(), default=1.0)
    return Focus(
        question,
        vector,
        focus_vector,
        weights,
        meanings,
        numbers(question.text),
        named,
        max(rarest, 1e-6),
        names,
        attribute(focus),
        binding.asked_thing(question, focus) if question.wants_quantity else "",
        tuple(held for asked, held in _NARROWING if asked.search(normalise(question.text))),
    )


def _translated(focus: str, idf: Idf) -> tuple[dict[str, float], dict[str, frozenset[str]]]:
    """Return an English question's words with the weight of the commonest word that each can stand for here."""
    weights, meanings = {}, {}
    for word in bilingual.words(focus):
        options = [word, *sorted(bilingual.chinese_for(word))]
        weights[word] = min(float(x) for x in idf(options))
        meanings[word] = frozenset(options)
    return weights, meanings


_NARROWING = tuple(
    (re.compile(asked), re.compile(held))
    for asked, held in (
        (r"平均|人均|户均|村均|均", r"均"),
        (r"每(?:天|日)|日均|一天", r"每(?:天|日)|日均"),
        (r"每(?:个)?月|月均|一个月|月薪", r"每(?:个)?月|月均|元/月|月"),
        (r"每(?:一)?年|年均|一年", r"每(?:一)?年|年均|/年|年度?"),
        (r"每(?:个|人|名|户|家|支|村)", r"每|各|均|给予"),
        (r"最(?:高|多|大|长|早)|第一", r"最|第一|首|冠"),
        (r"最(?:低|少|小|短|晚)", r"最"),
        (r"女(?!排|篮|足|子|单|双)|妇女", r"女|妇"),
        (r"(?<!子)男(?!排|篮|足|子|单|双)", r"男"),
        (r"同比|比上年|比去年", r"同比|比上年|较上年|比去年|上年同期|增长|下降|提高|增加|减少"),
        (r"环比", r"环比"),
        (r"(?<!一)季度", r"季"),
        (r"上半年", r"上半年|1-6月|六个月"),
        (r"下半年", r"下半年"),
        (r"新(?:增|建|成立|组建|发展|招|聘|选)", r"新|增"),
        (r"单独|单建|独立", r"单"),
        (r"之前|以前|原来|原先", r"原|由|从|前|减少|增加|提高"),
    )
)
"""Ways of narrowing a question down, and what a sentence that follows has: general words of counting and comparing."""

_ASKING = frozenset(
    [
        "人数",
        "数量",
        "总数",
        "时间",
        "日期",
        "地点",
        "名称",
        "名字",
        "情况",
        "具体",
        "内容",
        "原因",
        "方式",
        "方法",
        "措施",
        "结果",
        "主要",
    ]
)

_NUMBER = re.compile(
    r"\d+(?:,\d{3})*(?:\.\d+)?|[零〇一二两三四五六七八九十百千]{1,6}(?=[个名人家次年月日岁项条万亿元天户类种])"
)
_DATE = re.compile(
    r"\d+年|\d+月|\d+日|\d{4}[-/.]\d{1,2}|(?:19|20)\d\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|上午|下午|晚上|凌晨"
)
_MONEY = re.compile(
    r"(?:\d|[一二三四五六七八九十百千])[\d,.]*(?:余|多)?\s*(?:万|亿|千|百)*(?:余|多)?\s*(?:元|美元|港元|欧元|块|人民币|dollars)|[$¥€£]\s*\d|\d[\d.]*(?:余|多)?[亿万](?:余|多)?(?![\u4e00-\u9fff])"
)
_PERCENT = re.compile(r"\d\s*[%‰]|百分之|[一二三四五六七八九]成|个百分点|\d\s*percent")
_REASON = re.compile(
    r"因为|由于|因此|所以|导致|原因|为了|以便|从而|旨在|致使|鉴于|针对|着眼"
    r"|because|due to|in order to|so that|therefore"
)
_NAME_TAGS = ("nr", "nrt", "nrfg")
_PLACE_TAGS = ("ns",)
_SEGMENT = re.compile(r"[，,；;。！？!?：:\n]+")
_PEOPLE = frozenset("名人位")


@lru_cache(maxsize=65536)
def term_set(text: str) -> frozenset[str]:
    return frozenset(terms(text))


@lru_cache(maxsize=65536)
def numbers(text: str) -> frozenset[str]:
    """Return the numbers of ``text`` as strings, without separators."""
    return frozenset(match.replace(",", "") for match in _NUMBER.findall(normalise(text)))


@lru_cache(maxsize=65536)
def _tags(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(rjieba.tag(text))


def offers(kind: Kind, text: str, question: str) -> float:
    """Return 1.0 when ``text`` (normalised) offers the kind of answer, 0.0 when not, 0.5 when the kind can't tell.

    What already stands in the question is no answer.
    """
    if kind is Kind.NUMBER:
        return float(bool(numbers(text) - numbers(question)))
    if kind is Kind.PERCENT:
        return float(bool(_PERCENT.search(text)))
    if kind is Kind.MONEY:
        return float(bool(_MONEY.search(text)))
    if kind is Kind.DATE:
        return float(any(match not in question for match in _DATE.findall(text)))
    if kind is Kind.PERSON:
        return float(
            any((tag in _NAME_TAGS or "某" in word) and word not in question for word, tag in _tags(text))
            or bool(re.search(r"[\u4e00-\u9fff]某", text))
        )
    if kind is Kind.PLACE:
        return float(any(tag in _PLACE_TAGS and word not in question for word, tag in _tags(text)))
    if kind is Kind.REASON:
        return float(bool(_REASON.search(text)))
    if kind is Kind.LIST:
        return min(1.0, (text.count("、") + text.count("；") + text.count(", ")) / 3)
    return 0.5


def measured(question: Question, text: str) -> float:
    """Return 1.0 when a number in ``text`` stands before the measure word that the question counts in."""
    if not question.measure:
        return 0.5
    head = question.measure[0]
    found = {
        match[-1]
        for match in re.findall(
            r"[\d一二两三四五六七八九十百千万亿](?:余|多)?[万亿千百]?(?:余|多)?\s*[\u4e00-\u9fff]", text
        )
    }
    if head in found:
        return 1.0
    return 1.0 if head in _PEOPLE and found & _PEOPLE else 0.0


def cover(focus: Focus, present: frozenset[str]) -> float:
    """Return the idf-weighted share of the question's terms that are ``present``, themselves or in another language."""
    if focus.meanings:
        return sum(w for term, w in focus.weights.items() if not present.isdisjoint(focus.meanings[term])) / focus.total
    return sum(weight for term, weight in focus.weights.items() if term in present) / focus.total


def matrix(
    focus: Focus, passages: Sequence[StoredPassage], vectors: Sequence[np.ndarray], cosines: Sequence[float]
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return the features of every sentence of ``passages`` (best first).

    Args:
        vectors: for each passage the vectors of its sentences, (n, d).
        cosines: question and passage in context, for each passage.

    Returns:
        (sentences, len(FEATURES)) float64, and for each row the indices of its passage and of its sentence in it.
    """
    rows, keys = [], []
    question = normalise(focus.question.text)
    documents = _covered(focus, passages)
    strangers, years = _strangers(focus, passages), _years(focus, passages)
    for rank, (stored, units, cosine) in enumerate(zip(passages, vectors, cosines, strict=True)):
        sentences = stored.passage.sentences
        context = term_set(f"{stored.title}\n{stored.passage.section}") | term_set(stored.passage.text)
        around = numbers(stored.passage.text) | numbers(f"{stored.title} {stored.passage.section}")
        cover_context = cover(focus, context)
        gap = max((w for t, w in focus.weights.items() if t not in context), default=0.0) / focus.rarest
        named = 0.0 if not focus.named else 1.0 if stored.document_id in focus.named else -1.0
        cos, cos_focus = units @ focus.vector, units @ focus.focus_vector
        previous = 0.0
        for index, sentence in enumerate(sentences):
            own = _own(focus, question, sentence, around)
            rows.append(
                (
                    float(cos[index]), float(cos_focus[index]), cosine,
                    own["cover"], own["segment"], cover_context, gap, own["cover_kind"], own["kind"], own["measure"],
                    own["numbers"], named, 1.0 / (1 + rank), own["length"], own["heading"], own["asks"], previous,
                    own["label"], own["precision"], own["density"],
                    own["date"], own["attribute"], documents[stored.document_id], years[stored.document_id],
                    strangers[stored.document_id],
                    own["counts"], own["gap"], own["narrower"],
                )
            )  # fmt: skip
            keys.append((rank, index))
            previous = own["cover"]
    return np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES)), keys


def _covered(focus: Focus, passages: Sequence[StoredPassage]) -> dict[str, float]:
    """Return document id -> cover of its candidate passages together."""
    present: dict[str, set[str]] = {}
    for stored in passages:
        present.setdefault(stored.document_id, set()).update(term_set(stored.passage.text), term_set(stored.title))
    return {document: cover(focus, frozenset(found)) for document, found in present.items()}


def _strangers(focus: Focus, passages: Sequence[StoredPassage]) -> dict[str, float]:
    """Return document id -> 1.0 when a proper name of the question stands nowhere in it, as far as it was retrieved."""
    names = [word for word, tag in _tags(normalise(focus.question.text)) if tag in _NAMES and len(word) > 1]
    names = [name for name in names if name not in focus.names]
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


_ANY_YEAR = re.compile(r"(?:19|20)\d\d")
_NAMES = frozenset(("ns", "nr", "nt", "nz", "nrt", "nrfg"))

_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_MONTH = re.compile(r"(?<!\d)\d{1,2}(?=月)")


def _date(question: str, text: str) -> float:
    asked, here = set(_MONTH.findall(question)), set(_MONTH.findall(text))
    if asked and here:
        return 1.0 if asked <= here else -1.0
    asked, here = set(_YEAR.findall(question)), set(_YEAR.findall(text))
    if asked and here:
        return 0.7 if asked <= here else -1.0
    return 0.0


_ASKED = re.compile(
    r"(?:各自|分别)?(?:是|为|有|达到?|占|共有?|一共有?)?(?:多少|几|什么|谁|哪|何|多大|多久|多长|怎样|如何).*$|[?？。]+$|(?:是|为)$"
)


@lru_cache(maxsize=4096)
def attribute(focus: str) -> str:
    """Return what a question asks of its subject ("净资产收益率" of "2021年度的净资产收益率是多少"), or nothing.

    What stands after the last 的 before the question word, or all of it when it is short, or what is counted.
    """
    counted = re.search(r"(?:多少|几)[名人位个家次项件条支户处所场期类种]?([\u4e00-\u9fff]{2,8})[?？]?$", focus)
    if counted:
        return counted[1]
    rest = _ASKED.sub("", focus).strip(" ,，")
    rest = re.split(r"的|[,，]|年度?|月", rest)[-1]
    return rest if 2 <= len(rest) <= 14 else ""


def _stretch(wanted: str, text: str) -> float:
    """Return the share of ``wanted`` that its longest substring in ``text`` makes up; 0.5 when nothing is wanted."""
    if not wanted:
        return 0.5
    for size in range(len(wanted), 1, -1):
        if any(wanted[i : i + size] in text for i in range(len(wanted) - size + 1)):
            return size / len(wanted)
    return 0.0


_LABEL = re.compile(r"^[\W\d]*([^：:，。；\d]{2,14})\s*[：:]")


def _label(focus: Focus, text: str) -> float:
    match = _LABEL.match(text)
    if not match:
        return 0.0
    label = term_set(match[1].strip("* "))
    return len(label & focus.weights.keys()) / max(1, len(label))


def _own(focus: Focus, question: str, sentence: Sentence, around: frozenset[str]) -> dict[str, float]:
    """Return the features that a sentence has by itself."""
    text = normalise(sentence.text)
    mine = term_set(sentence.text)
    segments = [part for part in _SEGMENT.split(text) if part.strip()] or [text]
    covers = [cover(focus, term_set(part)) for part in segments]
    kind = focus.question.kind
    kinds = [offers(kind, part, question) for part in segments]
    # A stretch is read with the one before it: "村党组织书记、主任一肩挑后，占比达97%" names and counts in two.
    near = [max(c, (covers[i - 1] if i else 0.0) * 0.7 + c * 0.6) for i, c in enumerate(covers)]
    wanted = focus.numbers
    return {
        "cover": cover(focus, mine),
        "segment": max(covers),
        "cover_kind": max((n * k for n, k in zip(near, kinds, strict=True)), default=0.0),
        "kind": offers(kind, text, question),
        "measure": measured(focus.question, text),
        "numbers": len(wanted & (numbers(text) | around)) / len(wanted) if wanted else 1.0,
        "length": math.log(max(1, len(text))) / 5,
        "heading": float(len(text) < 16 and not re.search(r"[\d。！？；;:：]", text)),
        "label": _label(focus, text),
        "precision": len(mine & focus.weights.keys()) / math.sqrt(len(mine) + 1),
        "density": cover(focus, mine) / math.log(max(3, len(text))),
        "date": _date(question, text),
        "attribute": _stretch(focus.attribute, text),
        "counts": binding.score(focus.question, focus.thing, text),
        "gap": max((w for t, w in focus.weights.items() if t not in mine), default=0.0) / focus.rarest,
        "narrower": float(min(2, sum(not held.search(text) for held in focus.narrowed))),
        "asks": float(text.endswith(("?", "？"))),
    }
