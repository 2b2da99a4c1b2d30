"""Checks a question set against its documents.

A wrong quote, or a figure that is in no document, makes right answers score as wrong without anyone noticing. Every
rule is mechanical; a person decides whether a question is worth asking.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from vectorstore.reading import ReadOptions
from vectorstore.reading.limits import DEFAULT

from ..errors import BadQuestionSet
from ..metrics.text import comparable
from .check_rules import QUESTION_RULES, WORDLESS, Texts
from .documents import read
from .questions import Question, Quote, fields

REQUIRED = ("id", "type", "question", "answerable")
NEAR_DUPLICATE = 0.8
"""Least likeness (0 to 1) of both question and history from which two questions count as one."""
SHARED_EVIDENCE = 0.5
"""Least part of the shorter of two quotes that both cover, from which they count as the same fact."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong with a set. ``line`` counts from 1; 0 is the set as a whole, with no ``id``."""

    line: int
    id: str
    rule: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}: {self.id}" if self.line else "the set"
        return f"{where}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Row:
    """One question with the number of its line."""

    line: int
    question: Question

    @cached_property
    def grams(self) -> tuple[frozenset[str], frozenset[str]]:
        """Character bigrams of the question, and of all that was said before it."""
        said = "\n".join(turn.content for turn in self.question.history)
        return bigrams(self.question.question), bigrams(said)

    def finding(self, rule: str, message: str) -> Finding:
        return Finding(self.line, self.question.id, rule, message)


def check(set_path: Path, documents_dir: Path, options: ReadOptions = DEFAULT) -> list[Finding]:
    """Return everything that is wrong with a question set over the documents of a directory or a ``.jsonl``, by line.

    Args:
        options: how the documents are read.

    Raises:
        BadQuestionSet: the file can't be read at all, or is empty.
        SourceError: the documents can't be read.
    """
    rows, findings = _read(set_path)
    documents = read(documents_dir, options)
    texts = Texts({one.name: one.text for one in documents}, {one.name: one.places for one in documents if one.places})
    for row in rows:
        for rule, problems in QUESTION_RULES.items():
            findings += [row.finding(rule, message) for message in problems(row.question, texts)]
    findings += [*_same_ids(rows), *_balance(rows), *_near_duplicates(rows), *_leaks(rows, texts)]
    return sorted(findings)


def _read(path: Path) -> tuple[list[Row], list[Finding]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestionSet(f"{path} can't be read as a question set: {error}") from error
    rows: list[Row] = []
    findings: list[Finding] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        value, faults = _parse(line)
        name = str(value.get("id", "?")) if isinstance(value, dict) else "?"
        findings += [Finding(number, name, "fields", fault) for fault in faults]
        if not faults:
            rows.append(Row(number, Question.model_validate(value)))
    if not rows and not findings:
        raise BadQuestionSet(f"{path} holds no question; it should have one JSON object a line")
    return rows, findings


def _parse(line: str) -> tuple[Any, list[str]]:
    """Return a line's fields with what keeps it from being a question, or from being the one that is meant."""
    try:
        value = fields(line)
    except json.JSONDecodeError as error:
        return None, [f"not JSON: {error}"]
    except ValueError as error:
        return None, [str(error)]
    misspelt = [*_misspelt(value, Question), *(f for quote in _quotes(value) for f in _misspelt(quote, Quote))]
    missing = [f"{name} is missing" for name in REQUIRED if name not in value]
    try:
        Question.model_validate(value)
    except ValidationError as error:
        absent = {(name,) for name in REQUIRED if name not in value}
        shape = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors() if e["loc"] not in absent]
        return value, misspelt + missing + shape
    return value, misspelt + missing


def _quotes(value: dict[str, Any]) -> list[dict[str, Any]]:
    evidence = value.get("evidence")
    return [quote for quote in evidence if isinstance(quote, dict)] if isinstance(evidence, list) else []


def _misspelt(value: dict[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """Other fields are free, but one that is nearly a known one is scored by nothing."""
    for name in value.keys() - model.model_fields.keys():
        close = difflib.get_close_matches(name, model.model_fields, n=1, cutoff=NEAR_DUPLICATE)
        if close:
            yield f"{name!r} is no field; did you mean {close[0]!r}?"


def _same_ids(rows: Sequence[Row]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for row in rows:
        if row.question.id in first:
            yield row.finding("id", f"it stands on line {first[row.question.id]} already")
        first.setdefault(row.question.id, row.line)


def _balance(rows: Sequence[Row]) -> Iterator[Finding]:
    """A set has no split at all, or each type's halves differ by one question at most."""
    if not any(row.question.split for row in rows):
        return
    yield from (row.finding("split", "it is missing, and others have one") for row in rows if not row.question.split)
    counts = Counter((row.question.type, row.question.split) for row in rows)
    for kind in sorted({row.question.type for row in rows}):
        dev, test = counts[kind, "dev"], counts[kind, "test"]
        if abs(dev - test) > 1:
            yield Finding(0, "", "split", f"{kind} has {dev} questions in dev and {test} in test")


def _near_duplicates(rows: Sequence[Row]) -> Iterator[Finding]:
    for one, other in combinations(rows, 2):
        likeness = min(dice(a, b) for a, b in zip(one.grams, other.grams, strict=True))
        twins = one.question.answerable != other.question.answerable  # a near miss is meant to look like its twin
        if likeness >= (1.0 if twins else NEAR_DUPLICATE):
            yield other.finding("duplicate", f"asks the same as {one.question.id} (likeness {likeness:.2f})")


def _leaks(rows: Sequence[Row], texts: Texts) -> Iterator[Finding]:
    """A fact that is tuned on must not be tested on: no quote of one half is a quote of the other.

    A quote that occurs several times doesn't say which fact is meant and is left out.
    """
    facts: list[tuple[Row, str, int, int]] = []
    for row in rows:
        for item in row.question.evidence:
            places = texts.places(item.document, item.quote)
            facts += [(row, item.document, *places[0])] if len(places) == 1 else []
    for (one, document, start, end), (other, elsewhere, begin, stop) in combinations(facts, 2):
        if document != elsewhere or {one.question.split, other.question.split} != {"dev", "test"}:
            continue
        if min(end, stop) - max(start, begin) >= SHARED_EVIDENCE * min(end - start, stop - begin):
            quote = texts.raw[document][max(start, begin) : min(end, stop)]
            yield other.finding("leak", f"shares {quote!r} with {one.question.id} of the other half")


def bigrams(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of ``text`` as texts are compared, punctuation left out."""
    flat = WORDLESS.sub("", comparable(text))
    return frozenset(flat[i : i + 2] for i in range(max(1, len(flat) - 1))) if flat else frozenset()


def dice(a: frozenset[str], b: frozenset[str]) -> float:
    """Return Dice's coefficient 2·|a ∩ b| / (|a| + |b|), 1.0 for two empty sets (Dice 1945, Ecology 26:297)."""
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0
