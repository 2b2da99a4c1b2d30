"""Run files: what a run asked, what came back, and how it scored. Outside scorers read them, so the shape is fixed.

Fields may be added and none may be renamed; unknown ones are kept when a file is read and written again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa.types import CitedPlace

from ..datasets.questions import Question
from ..errors import BadRun
from ..files import write_text

Scores = dict[str, float]
"""Metric -> value, each 0 to 1 save "chars"; a metric that does not apply to a question is not in it."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="allow")


class DerivedRecord(_Record):
    """How a sentence's figures were computed, and the citations that give the figures it is computed from."""

    expression: str
    inputs: list[int]


class SentenceRecord(_Record):
    text: str
    citations: list[int]
    derived: DerivedRecord | None = None


class CitationRecord(_Record):
    number: int
    document: str
    title: str = ""
    section: str = ""
    quote: str
    spans: list[tuple[int, int]]
    places: list[CitedPlace] = []
    context: list[tuple[str, bool]] = Field(
        default=[], description="The quote in its source: pieces of raw text, each with whether it is cited."
    )


class PassageRecord(_Record):
    document: str
    spans: list[tuple[int, int]]
    score: float
    dense_rank: int | None = None
    lexical_rank: int | None = None


class EvidenceRecord(_Record):
    """What became of one evidence quote of the question, in the question's order."""

    rank: int | None
    """The smallest k such that the first k passages cover it."""
    cited: bool


class Item(_Record):
    """One question's answer. ``error`` is set when the pipeline failed; the item then scores as an empty answer."""

    id: str
    question: str
    asked: Question | None = Field(default=None, description="The whole question, so that a run explains itself.")
    standalone_question: str = ""
    answer: str = ""
    abstained: bool = False
    sentences: list[SentenceRecord] = []
    citations: list[CitationRecord] = []
    passages: list[PassageRecord] = []
    latency_ms: dict[str, float] = {}
    scores: Scores = {}
    evidence: list[EvidenceRecord] = []
    judged: dict[str, float] = Field(default={}, description="A language model's verdicts, when one was asked.")
    error: str | None = None
    reason: str | None = None
    answerer: str = ""
    warnings: list[str] = []
    dropped: int = 0
    unknown_labels: int = 0


class RunInfo(_Record):
    """What was run: enough to tell two runs apart, and to repeat one."""

    started: str
    git: str | None = None
    config: dict[str, Any] = {}
    answerer: str = ""
    embedder: str = ""
    prompts: dict[str, str] = {}
    weights: dict[str, str] = Field(default={}, description="SHA-256 of each file that was trained or fitted, by name.")
    index: str = ""
    documents: list[str] = []
    documents_sha256: str = Field(default="", description="Over the documents' names and hashes.")
    questions: dict[str, Any] = {}
    scores_sha256: str = Field(default="", description="Over every item's scores: equal for two runs that score alike.")


class Run(_Record):
    run: RunInfo
    summary: dict[str, Any] = {}
    by_type: dict[str, Any] = {}
    by_split: dict[str, Any] = {}
    items: list[Item] = []


def scores_digest(items: list[Item]) -> str:
    """Return the SHA-256 of all items' scores, in the order of their ids."""
    rows = [[item.id, sorted(item.scores.items())] for item in sorted(items, key=lambda item: item.id)]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def load(path: Path, scored: bool = True) -> Run:
    """Read a run file.

    Args:
        scored: whether it has to have been scored.

    Raises:
        BadRun: it can't be read, is not JSON, or is not a run; the message names the first field that is wrong.
    """
    try:
        run = Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadRun(f"{path} can't be read as a run: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadRun(f"{path} is not a run file: {where}: {first['msg']}") from error
    twice = [name for name, n in Counter(item.id for item in run.items).items() if n > 1]
    if twice:
        raise BadRun(f"{path} has {len(twice)} ids more than once, first {twice[0]!r}; an id stands for one question")
    if scored and "all" not in run.summary:
        raise BadRun(f"{path} has no summary; `qa eval score` gives it one")
    return run


def dump(run: Run) -> str:
    """Return a run as the text of its file."""
    return json.dumps(run.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def save(run: Run, path: Path) -> None:
    """Write a run file; the folder is made when there is none.

    Raises:
        EvalError: it can't be written.
    """
    write_text(path, dump(run))
