"""A question's terms with their weights, and its vectors: what sentences are compared with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from qa.question.query import Part, Query
from qa.text import dictionary
from vectorstore.text.language import has_han
from vectorstore.text.words import normalise, query_terms, stem

_DIGIT = re.compile(r"\d")
Idf = Callable[[Sequence[str]], np.ndarray]


@dataclass(slots=True)
class QueryTerms:
    """A part of a question, prepared for comparing: its terms with their weights, and its vectors."""

    query: Query
    vector: np.ndarray
    """Of the question, shape (d,)."""
    focus_vector: np.ndarray
    """Of the question without the names of documents."""
    weights: dict[str, float] = field(default_factory=dict)
    """Term -> idf."""
    meanings: dict[str, frozenset[str]] = field(default_factory=dict)
    """Term -> terms that stand for it in a report in another language."""
    documents: frozenset[str] = frozenset()
    """Ids of the documents that the question names."""
    names: str = ""
    """The names by which it calls them, joined."""
    previous_answer: tuple[str, ...] = ()
    """Clauses of the answer before, in a conversation; normalised."""
    topic: dict[str, float] = field(default_factory=dict)
    """Term -> idf: what the conversation's last question and answer spoke of, and this question doesn't repeat."""
    total: float = field(init=False)
    """Of the weights."""
    rarest: float = field(init=False)
    """The largest of the weights."""

    def __post_init__(self) -> None:
        self.total = sum(self.weights.values()) or 1.0
        self.rarest = max(max(self.weights.values(), default=1.0), 1e-6)

    @property
    def terms(self) -> tuple[str, ...]:
        """The question's terms, but for numbers; none when it has to be translated."""
        return () if self.meanings else tuple(term for term in self.weights if not _DIGIT.search(term))

    def cover(self, present: frozenset[str]) -> float:
        """Return the idf-weighted share of the terms that are ``present``, themselves or in another language."""
        if self.meanings:
            found = (w for term, w in self.weights.items() if not present.isdisjoint(self.meanings[term]))
        else:
            found = (w for term, w in self.weights.items() if term in present)
        return sum(found) / self.total

    def topic_cover(self, present: frozenset[str]) -> float:
        """Return the idf-weighted share of the terms of the conversation's last round that are ``present``."""
        total = sum(self.topic.values())
        return sum(weight for term, weight in self.topic.items() if term in present) / total if total else 0.0

    def missing_term(self, present: frozenset[str]) -> float:
        """Return the weight of the rarest term that is not ``present``, as a share of the rarest there could be."""
        return max((w for t, w in self.weights.items() if t not in present), default=0.0) / self.rarest


def prepare(
    query: Query, part: Part, vector: np.ndarray, focus_vector: np.ndarray, idf: Idf, translated: bool = False
) -> QueryTerms:
    """Return ``part`` of ``query`` ready for comparing.

    Args:
        vector: of the part's question, shape (d,).
        focus_vector: of its focus.
        translated: whether the documents are in another language than the question.
    """
    if translated:
        weights, meanings = _translated(part.focus, idf)
    else:
        wanted = [term for term in query_terms(part.focus) if term not in _ASKING]
        weights, meanings = dict(zip(wanted, map(float, idf(wanted)), strict=True)) if wanted else {}, {}
    names, before, answer = " ".join(part.names), query.last("user"), query.last("assistant")
    spoken = set(query_terms(f"{before}\n{answer}")) - weights.keys() - set(query_terms(names)) if before else set()
    topic = [term for term in sorted(spoken) if term not in _ASKING]
    return QueryTerms(
        query,
        vector,
        focus_vector,
        weights,
        meanings,
        frozenset(part.documents),
        names,
        tuple(clause for clause in _CLAUSE_END.split(normalise(answer)) if len(clause) >= _CLAUSE),
        dict(zip(topic, map(float, idf(topic)), strict=True)) if topic else {},
    )


def _translated(focus: str, idf: Idf) -> tuple[dict[str, float], dict[str, frozenset[str]]]:
    """Return a question's words with the weight of the commonest word that each can stand for here."""
    weights, meanings = {}, {}
    for word, options in _options(focus):
        weights[word] = min(float(x) for x in idf(options))
        meanings[word] = frozenset(options)
    return weights, meanings


def _options(focus: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a question's words, each with itself and the terms of the other language that it can mean."""
    if has_han(focus):
        for word in query_terms(focus):
            if word not in _ASKING:
                meant = {stem(english) for english in dictionary.english_for(word)}
                if meant or not has_han(word):
                    yield word, [word, *sorted(meant)]
        return
    for word in dictionary.words(focus):
        yield word, [word, *sorted(dictionary.chinese_for(word))]


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
