"""What each mechanism contributes: ``python -m eval.training.ablation --questions SET --documents PATH``.

The pipeline is asked once whole, and once with each mechanism switched off; the table gives the paired difference of
the share of right answers, with its 95 % bootstrap interval, on answerable and on unanswerable questions.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from qa.answering import extractive, quoting
from qa.answering.comparison import compare
from qa.pipeline import QA
from qa.question import analysis
from qa.question.analysis import QueryAnalyser, analyse
from qa.question.query import Query
from qa.ranking.linear import LinearRanker
from qa.ranking.model import Answerability, Forest, LinearModel, Thresholds, shipped
from qa.settings import load
from qa.types import Turn
from vectorstore import layout
from vectorstore.ingestion import chunking
from vectorstore.library import Library
from vectorstore.reading import read_source

from ..datasets.questions import Question
from ..datasets.questions import load as load_set
from ..faults.pipeline_faults import WithoutDense, WithoutLexical, line_by_line
from ..faults.sandbox import Sandbox, open_sandbox
from ..gate.significance import bootstrap_interval
from ..runs import corpus as corpora
from ..runs.run_file import Run

repairing = importlib.import_module("vectorstore.layout.repair")  # the package has a function of that name

Patch = tuple[object, str, Any]
Make = Callable[[Sandbox], QA]


class ChangedAnalyser(QueryAnalyser):
    """Analyses a question, and leaves out of the query what ``change`` leaves out."""

    def __init__(self, library: Library, change: Callable[[Query], Query]) -> None:
        super().__init__(library)
        self._change = change

    def analyse(self, typed: str, history: Sequence[Turn] = (), scope: Sequence[str] | None = None) -> Query:
        query = super().analyse(typed, history, scope)
        return replace(self._change(query), questions=tuple(self._change(one) for one in query.questions))


def _ranked_by(change: Callable[[LinearModel], LinearModel]) -> Make:
    """Return what makes a pipeline whose linear model is changed."""
    return lambda sandbox: sandbox.pipeline(ranker=LinearRanker(sandbox.corpus.library, change(shipped())))


def _without(*features: str) -> Make:
    return _ranked_by(lambda model: model.without(*features))


def _judged_by(change: Callable[[Answerability], Answerability]) -> Make:
    return _ranked_by(lambda model: replace(model, answerability=change(model.answerability)))


def _asked(change: Callable[[Query], Query]) -> Make:
    """Return what makes a pipeline that answers a changed query."""

    def make(sandbox: Sandbox) -> QA:
        pipeline = sandbox.pipeline()
        pipeline.analyser = ChangedAnalyser(sandbox.corpus.library, change)
        return pipeline

    return make


def _unlinked(query: Query) -> Query:
    return replace(query, parts=analyse(query.text).parts)


def _alone(query: Query) -> Query:
    return replace(analyse(query.typed), typed=query.typed, standalone=query.typed, history=query.history)


NEVER = Thresholds(-1e9, -1e9, -1e9)
UNDECIDED = Forest(np.array([-1], np.int16), np.array([0.5], np.float32), np.zeros(1, np.int32), np.zeros(1, np.int32))

CONFIGURED: dict[str, Make] = {
    "names of documents": _asked(_unlinked),
    "parts of a comparison": _asked(lambda query: replace(query, parts=query.parts[:1])),
    "follow-ups made to stand alone": _asked(_alone),
    "the document's name where that is asked": _asked(lambda query: replace(query, answer_is_document=False)),
    "the others than those named": _asked(lambda query: replace(query, scope=None)),
    "abstaining": _judged_by(lambda judge: replace(judge, thresholds=NEVER)),
    "the trees of answerability": _judged_by(lambda judge: replace(judge, trees=UNDECIDED)),
    "the linear part of answerability": _judged_by(
        lambda judge: replace(judge, linear=np.zeros_like(judge.linear), offset=0.0)
    ),
    "words that may be missing": _ranked_by(lambda model: replace(model, missing_words={})),
    "the words of the question": _without(
        "cover",
        "cover_context",
        "missing_term_context",
        "cover_document",
        "missing_term",
        "precision",
    ),
    "types of answer": _without("answer_type", "cover_answer_type", "cover_clause", "measure"),
    "vectors of sentences": _without("cosine", "cosine_focus"),
    "names and numbers of the question": _without("unknown_name", "question_numbers"),
    "what the last answer quoted": _without("quoted_before", "quoted_beside"),
    "what the last round spoke of": _without("topic", "topic_context"),
}
"""What makes a pipeline without a mechanism, by configuration."""

PATCHED: dict[str, Sequence[Patch]] = {
    "instructions taken out": [(analysis, "without_instructions", lambda question: question)],
    "comparing what states the figure": [(extractive, "compare", partial(compare, by_figures=False))],
    "points under a heading": [(extractive, "outline", lambda *_: [])],
    "a second sentence when unsure": [(extractive, "best", partial(quoting.best, second=0.0))],
    "enumerations in full": [(quoting, "enumerated", lambda unit, units, covers: [unit])],
}
"""What is put in the place of what to switch a mechanism off that has no configuration."""

READING: dict[str, Sequence[Patch]] = {
    "tables read with their columns": [(chunking, "headed", lambda lines: {}), (repairing, "headed", lambda lines: {})],
    "running heads and wrapped pages": [
        (repairing, "mark_running", lambda pieces: None),
        (repairing, "unwrap", lambda pieces, raw: pieces),
    ],
}
"""The same for what is done when documents are indexed, which must then be indexed anew."""


@contextmanager
def patched(patches: Sequence[Patch]) -> Iterator[None]:
    """Put things in the place of others for the length of a with block."""
    with ExitStack() as stack:
        for owner, name, value in patches:
            stack.enter_context(mock.patch.object(owner, name, value))
        yield


def _without_indexes(sandbox: Sandbox) -> Iterator[tuple[str, Run]]:
    yield "the lexical index", sandbox.ask(sandbox.pipeline(WithoutLexical(sandbox.corpus.library)))
    yield "the dense index", sandbox.ask(sandbox.pipeline(WithoutDense(sandbox.corpus.library)))
    with mock.patch.object(layout, "repair", line_by_line), sandbox.rebuilt() as corpus:
        yield "layout repair", sandbox.ask(sandbox.pipeline(corpus.library))
    for name, patches in READING.items():
        with patched(patches), sandbox.rebuilt() as corpus:
            yield name, sandbox.ask(sandbox.pipeline(corpus.library))


def runs(sandbox: Sandbox, only: Sequence[str] = ()) -> Iterator[tuple[str, Run]]:
    """Yield each mechanism's name and the run without it; ``only`` some of MECHANISMS, if any are named."""
    if not only:
        yield from _without_indexes(sandbox)
    for name in only or MECHANISMS:
        with patched(PATCHED.get(name, ())):
            yield name, sandbox.ask(CONFIGURED[name](sandbox) if name in CONFIGURED else sandbox.pipeline())


MECHANISMS = (*CONFIGURED, *PATCHED)


def right(run: Run, questions: Sequence[Question]) -> dict[str, float]:
    """Return question id -> ``correct``, or evidence recall where nothing must be contained."""
    scores = {item.id: item.scores for item in run.items}
    found = {}
    for question in questions:
        value = scores[question.id].get("correct", scores[question.id].get("evidence_recall"))
        if value is not None:
            found[question.id] = value
    return found


def row(name: str, whole: dict[str, float], without: dict[str, float], answerable: dict[str, bool]) -> str:
    """Return a line of the table: the change on answerable and on unanswerable questions when ``name`` is off."""
    cells = []
    for wanted in (True, False):
        ids = [id for id in whole if answerable[id] is wanted]
        changes = [without[id] - whole[id] for id in ids]
        low, high = bootstrap_interval(changes, name)
        cells.append(f"{np.mean(changes):+.3f} [{low:+.3f}, {high:+.3f}]" if ids else "-")
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="a folder that remembers embedded passages")
    parser.add_argument(
        "--only", action="append", default=[], choices=sorted(MECHANISMS), help="this mechanism; again for more"
    )
    parser.add_argument("--split", choices=("dev", "test"))
    given = parser.parse_args()
    settings = load().model_copy(update={"answerer": "extractive"})
    questions = load_set(given.questions)
    asked = [q for q in questions.questions if given.split in (None, q.split)]
    embedder = corpora.embedder_of(settings, given.cache, queries=True)
    with open_sandbox(read_source(given.documents), questions, settings, embedder) as sandbox:
        whole = right(sandbox.run, asked)
        answerable = {q.id: q.answerable for q in asked}
        shares = [np.mean([v for id, v in whole.items() if answerable[id] is wanted]) for wanted in (True, False)]
        print("| switched off | answerable | unanswerable |\n| --- | --- | --- |")
        print(f"| nothing | {shares[0]:.3f} | {shares[1]:.3f} |")
        for name, run in runs(sandbox, given.only):
            print(row(name, whole, right(run, asked), answerable), flush=True)


if __name__ == "__main__":
    main()
