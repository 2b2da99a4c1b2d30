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
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from qa import pipeline
from qa.answering import comparison, extractive, lists
from qa.pipeline import QA
from qa.question import decompose
from qa.question.documents import Subjects
from qa.question.followups import Rewrite, Rewriter
from qa.ranking import features, model
from qa.settings import load
from vectorstore import layout
from vectorstore.ingestion import chunking
from vectorstore.reading import read_source

from ..datasets.questions import Question
from ..datasets.questions import load as load_set
from ..faults.pipeline_faults import WithoutDense, WithoutLexical, line_by_line
from ..faults.sandbox import Sandbox as Bench
from ..faults.sandbox import open_sandbox as open_bench
from ..gate.significance import bootstrap_interval
from ..runs import corpus as corpora
from ..runs.run_file import Run

Patch = tuple[object, str, Any]


def _without_features(*names: str) -> Callable[..., Any]:
    """Return ``features.matrix`` with some features as they are where nothing can be told."""
    columns = [features.FEATURES.index(name) for name in names]
    nothing = [_UNTOLD.get(name, 0.0) for name in names]
    sound = features.matrix

    def matrix(*arguments: Any) -> Any:
        table, keys, held = sound(*arguments)
        table[:, columns] = nothing
        return table, keys, held

    return matrix


_UNTOLD = {"kind": 0.5, "measure": 0.5, "sort": 0.5, "states": 0.5, "quoted": 1.0}


def _judge(**changed: Any) -> Callable[[], model.Weights]:
    sound = model.weights()
    values = {name: getattr(sound.judge, name) for name in model.Judge.__slots__}
    weights = replace(sound, judge=model.Judge(**{**values, **changed}))
    return lambda: weights


def _alone(self: Rewriter, question: str, history: Any) -> Rewrite:
    return Rewrite(question)


_UNDECIDED = model.Forest(
    np.array([-1], np.int16), np.array([0.5], np.float32), np.zeros(1, np.int32), np.zeros(1, np.int32)
)


def mechanisms() -> dict[str, Sequence[Patch]]:
    """Return name -> what is put in the place of what to switch that mechanism off."""
    never = -1e9
    return {
        "names of documents": [(Subjects, "mentions", lambda self, question: [])],
        "parts of a comparison": [(decompose, "_cover", lambda mentions, most: _first(mentions))],
        "names must be their documents' own": [(Subjects, "_own", lambda *_: True)],
        "follow-ups made to stand alone": [(Rewriter, "rewrite", _alone)],
        "abstaining": [(model, "weights", _judge(threshold=never, unnamed=never, follow_up=never))],
        "the judge's trees": [(model, "weights", _judge(trees=_UNDECIDED))],
        "the judge's plane": [(model, "weights", _judge(plane=np.zeros(len(model.SIGNALS)), offset=0.0))],
        "words that may be lacking": [(model, "lacking", lambda *_: 0.0)],
        "the words of the question": [(features, "matrix", _without_features(*_COVER))],
        "vectors of sentences": [(features, "matrix", _without_features("cosine", "cosine_focus"))],
        "kinds of answer": [(features, "matrix", _without_features("kind", "cover_kind", "cover_clause", "measure"))],
        "what a number counts": [(features, "matrix", _without_features("counts", "states", "narrower"))],
        "what sort of thing is asked": [(features, "matrix", _without_features("sort"))],
        "lists as long as asked": [(features, "matrix", _without_features("items"))],
        "dates": [(features, "matrix", _without_features("date", "year"))],
        "another number for the same thing": [(features, "matrix", _without_features("rival"))],
        "names in quotation marks": [(features, "matrix", _without_features("quoted"))],
        "reasons beside what they explain": [(features, "matrix", _without_features("cause"))],
        "sentences read with those that they lean on": [(features, "leans", lambda text: False)],
        "what the last answer quoted": [(features, "matrix", _without_features("again", "beside"))],
        "what the last round spoke of": [(features, "matrix", _without_features("topic", "topic_context"))],
        "earlier questions than the last": [(Rewriter, "_next", _after_the_last)],
        "directions taken out": [(pipeline, "without_directions", lambda question: question)],
        "comparing what states the figure": [
            (extractive, "_place", lambda question, found, named: 0),
            (extractive, "_telling", lambda question, chosen: chosen),
        ],
        "the others than those named": [(comparison, "except_for", lambda question: ("", ""))],
        "the document's name where that is asked": [(comparison, "wants_document", lambda question: False)],
        "points under a heading": [(extractive, "outline", lambda *_: [])],
        "a second sentence when unsure": [(extractive, "_SECOND", 0.0)],
        "enumerations in full": [(lists, "_siblings", lambda unit, units, covers: [unit])],
    }


_REPAIR = importlib.import_module("vectorstore.layout.repair")  # the package has a function of that name
READING: dict[str, Sequence[Patch]] = {
    "tables read with their columns": [(chunking, "headed", lambda lines: {}), (_REPAIR, "headed", lambda lines: {})],
    "running heads and wrapped pages": [
        (_REPAIR, "mark_running", lambda pieces: None),
        (_REPAIR, "unwrap", lambda pieces, raw: pieces),
    ],
}
"""The same for what is done when documents are indexed, which must then be indexed anew."""


def _after_the_last(self: Rewriter, question: str, chain: Sequence[str]) -> tuple[str, str]:
    return self.by_rules(question, chain[-1]), chain[-1]


_COVER = (
    "cover",
    "cover_segment",
    "cover_context",
    "cover_gap",
    "cover_document",
    "gap",
    "previous",
    "density",
    "cover_told",
)


def _first(mentions: Sequence[Any]) -> list[Any]:
    chosen = _SOUND_COVER(mentions, 8)
    return chosen[:1]


_SOUND_COVER = decompose._cover


@contextmanager
def _patched(patches: Sequence[Patch]) -> Iterator[None]:
    with ExitStack() as stack:
        for owner, name, value in patches:
            stack.enter_context(mock.patch.object(owner, name, value))
        yield


def _without_indexes(bench: Bench) -> Iterator[tuple[str, Run]]:
    yield "the lexical index", bench.ask(bench.pipeline(WithoutLexical(bench.corpus.library)))
    yield "the dense index", bench.ask(bench.pipeline(WithoutDense(bench.corpus.library)))
    with mock.patch.object(layout, "repair", line_by_line), bench.rebuilt() as corpus:
        yield "layout repair", bench.ask(bench.pipeline(corpus.library))
    for name, patches in READING.items():
        with _patched(patches), bench.rebuilt() as corpus:
            yield name, bench.ask(bench.pipeline(corpus.library))


def runs(bench: Bench, only: Sequence[str] = ()) -> Iterator[tuple[str, Run]]:
    """Yield each mechanism's name and the run without it; ``only`` some of ``mechanisms``, if any are named."""
    if not only:
        yield from _without_indexes(bench)
    for name, patches in mechanisms().items():
        if only and name not in only:
            continue
        with _patched(patches):
            yield name, bench.ask(QA(bench.corpus.library, bench.settings))


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
        "--only", action="append", default=[], choices=sorted(mechanisms()), help="this mechanism; again for more"
    )
    parser.add_argument("--split", choices=("dev", "test"))
    given = parser.parse_args()
    settings = load().model_copy(update={"answerer": "extractive"})
    questions = load_set(given.questions)
    asked = [q for q in questions.questions if given.split in (None, q.split)]
    embedder = corpora.embedder_of(settings, given.cache, queries=True)
    with open_bench(read_source(given.documents), questions, settings, embedder) as bench:
        whole = right(bench.run, asked)
        answerable = {q.id: q.answerable for q in asked}
        shares = [np.mean([v for id, v in whole.items() if answerable[id] is wanted]) for wanted in (True, False)]
        print("| switched off | answerable | unanswerable |\n| --- | --- | --- |")
        print(f"| nothing | {shares[0]:.3f} | {shares[1]:.3f} |")
        for name, run in runs(bench, given.only):
            print(row(name, whole, right(run, asked), answerable), flush=True)


if __name__ == "__main__":
    main()
