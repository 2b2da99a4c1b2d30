"""What a question asks for, prepared for comparing with sentences: its terms and their weights, vectors, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from qa.question.analysis import Question
from qa.ranking import quantity_match
from qa.ranking.answer_type import numbers
from qa.text import dictionary
from vectorstore.text.words import normalise, query_terms

_DIGIT = re.compile(r"\d")
Idf = Callable[[Sequence[str]], np.ndarray]


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
    told: tuple[str, ...] = ()
    """Clauses of the answer before, in a conversation; normalised."""
    topic: dict[str, float] = field(default_factory=dict)
    """Term -> idf: what the conversation's last question and answer spoke of, and this question doesn't repeat."""
    narrowed: tuple[re.Pattern[str], ...] = ()
    """What a sentence must have for each way in which the question narrows down."""

    @property
    def terms(self) -> tuple[str, ...]:
        """The question's terms, but for numbers; none when it has to be translated."""
        return () if self.meanings else tuple(term for term in self.weights if not _DIGIT.search(term))

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
    before: str = "",
    told: str = "",
    translated: bool = False,
) -> Focus:
    """Return ``question`` ready for comparing.

    Args:
        focus: its text without the names of documents.
        before: the conversation's last question.
        told: the answer that the conversation's last question got.
        translated: whether the documents are in another language than the question.
    """
    if translated:
        weights, meanings = _translated(focus, idf)
    else:
        wanted = [term for term in query_terms(focus) if term not in _ASKING]
        weights, meanings = dict(zip(wanted, map(float, idf(wanted)), strict=True)) if wanted else {}, {}
    rarest = max(weights.values(), default=1.0)
    spoken = set(query_terms(f"{before}\n{told}")) - weights.keys() - set(query_terms(names)) if before else set()
    topic = [term for term in sorted(spoken) if term not in _ASKING]
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
        "" if translated or not question.wants_quantity else quantity_match.asked_thing(question, focus),
        tuple(part for part in _CLAUSE_END.split(normalise(told)) if len(part) >= _CLAUSE),
        dict(zip(topic, map(float, idf(topic)), strict=True)) if topic else {},
        tuple(held for asked, held in _NARROWING if asked.search(normalise(question.text))),
    )


def _translated(focus: str, idf: Idf) -> tuple[dict[str, float], dict[str, frozenset[str]]]:
    """Return an English question's words with the weight of the commonest word that each can stand for here."""
    weights, meanings = {}, {}
    for word in dictionary.words(focus):
        options = [word, *sorted(dictionary.chinese_for(word))]
        weights[word] = min(float(x) for x in idf(options))
        meanings[word] = frozenset(options)
    return weights, meanings


_NARROWING = tuple(
    (re.compile(asked), re.compile(held))
    for asked, held in (
        (r"平均|人均|户均|村均|均", r"均"),
        (r"每(?:天|日)|日均|(?<!哪)一天", r"每(?:天|日)|日均"),
        (r"每(?:个)?月|月均|(?<!哪)一个月|月薪", r"每(?:个)?月|月均|元/月|月"),
        (r"每(?:一)?年|年均|(?<!哪)一年", r"每(?:一)?年|年均|/年|年度?"),
        (r"每(?:个|人|名|户|家|支|村)", r"每|各|均|给予"),
        (r"最(?:高|多|大|长|早)(?![要能可会]|不超)|第一", r"最|第一|首|冠"),
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

_CLAUSE_END = re.compile(r"[，,；;。！？!?：:\n\s]+|\[\d+\]")
_CLAUSE = 6
"""Characters: shorter clauses stand in many sentences."""

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


def topic_cover(focus: Focus, present: frozenset[str]) -> float:
    """Return the idf-weighted share of the terms of the conversation's last round that are ``present``."""
    total = sum(focus.topic.values())
    return sum(weight for term, weight in focus.topic.items() if term in present) / total if total else 0.0


def cover(focus: Focus, present: frozenset[str]) -> float:
    """Return the idf-weighted share of the question's terms that are ``present``, themselves or in another language."""
    if focus.meanings:
        return sum(w for term, w in focus.weights.items() if not present.isdisjoint(focus.meanings[term])) / focus.total
    return sum(weight for term, weight in focus.weights.items() if term in present) / focus.total
