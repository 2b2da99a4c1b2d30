"""The sandbox that faults are tried in: a library, a question set, and the run of the sound pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qa.pipeline import QA
from qa.ranking.base import Ranker
from qa.settings import Settings
from vectorstore.embeddings import Embedder
from vectorstore.reading import RawDocument

from ..datasets.questions import Question, QuestionSet
from ..metrics.scoring import score_run
from ..runs import corpus as corpora
from ..runs import run as runs
from ..runs.corpus import Corpus, Progress
from ..runs.run import Asks
from ..runs.run_file import Item, Run, RunInfo


@dataclass(frozen=True)
class Sandbox:
    """Everything that a case needs. ``embedder`` should remember what it embedded, for cases that index again."""

    documents: Sequence[RawDocument]
    questions: QuestionSet
    settings: Settings
    embedder: Embedder
    corpus: Corpus
    sample: Callable[[Question], bool] = lambda question: True
    """The questions that a broken pipeline is asked; for the others it is taken to answer as before."""

    def pipeline(self, library: Any = None, settings: Settings | None = None, ranker: Ranker | None = None) -> QA:
        """Return the pipeline with the extractive answerer, over the sandbox's library unless another is given."""
        return QA(library if library is not None else self.corpus.library, settings or self.settings, ranker=ranker)

    @cached_property
    def run(self) -> Run:
        """The run of the sound pipeline."""
        pipeline = self.pipeline()
        return self.scored([runs.ask_one(pipeline, q, self.corpus.texts) for q in self.questions.questions])

    def ask(self, asks: Asks, only: Callable[[Question], bool] | None = None) -> Run:
        """Ask the questions for which ``only`` holds, by default the sample; other items are those of the sound run."""
        only = only or self.sample
        sound = {item.id: item for item in self.run.items}
        asked = [q for q in self.questions.questions if only(q)]
        again = {q.id: runs.ask_one(asks, q, self.corpus.texts) for q in asked}
        return self.scored([again.get(q.id) or sound[q.id] for q in self.questions.questions])

    def scored(self, items: list[Item]) -> Run:
        """Return items as a scored run over the sandbox's documents."""
        info = RunInfo(started="", documents=self.corpus.names, documents_sha256=self.corpus.sha256)
        return score_run(Run(run=info, items=items), self.questions.questions, self.corpus.texts)

    def each(self, change: Callable[[Item], Item]) -> Run:
        """Return the sound run with every answer changed."""
        return self.scored([change(item.model_copy(deep=True)) for item in self.run.items])

    @contextmanager
    def rebuilt(self, documents: Sequence[RawDocument] | None = None, **settings: Any) -> Iterator[Corpus]:
        """Open another temporary library of ``documents``, or of the sandbox's own, with some settings changed."""
        chosen = self.settings.model_copy(update=settings)
        with corpora.temporary(documents or self.documents, chosen, self.embedder) as corpus:
            yield corpus


Change = Callable[[Sandbox], Run]
"""A changed pipeline's run, or the sound run with its answers changed."""


@contextmanager
def open_sandbox(
    documents: Sequence[RawDocument],
    questions: QuestionSet,
    settings: Settings,
    embedder: Embedder,
    *,
    sample: Callable[[Question], bool] = lambda question: True,
    progress: Progress | None = None,
) -> Iterator[Sandbox]:
    """Index the documents and open a sandbox over them."""
    with corpora.temporary(documents, settings, embedder, progress) as corpus:
        yield Sandbox(documents, questions, settings, embedder, corpus, sample)
