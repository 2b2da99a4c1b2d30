"""The bench that faults are tried on: a library, a question set, and the run of the sound pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from eval import corpus as corpora
from eval import run as runs
from eval.corpus import Corpus
from eval.questions import Question, QuestionSet
from eval.records import Item, Run, RunInfo
from eval.run import Asks
from eval.scoring import score_run
from qa.pipeline import QA
from qa.settings import Settings
from vectorstore.embeddings import Embedder
from vectorstore.readers import RawDocument

Notice = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Bench:
    """Everything that a case needs. ``embedder`` should remember what it embedded, for cases that index anew."""

    documents: Sequence[RawDocument]
    questions: QuestionSet
    settings: Settings
    embedder: Embedder
    corpus: Corpus
    notice: Notice = field(default=lambda label, done, total: None)

    def pipeline(self, library: Any = None, settings: Settings | None = None) -> QA:
        """Return the pipeline with the extractive answerer, over the bench's library unless another is given."""
        return QA(library if library is not None else self.corpus.library, settings or self.settings)

    @cached_property
    def run(self) -> Run:
        """The run of the sound pipeline."""
        return self.ask(self.pipeline())

    def ask(self, asks: Asks, only: Callable[[Question], bool] = lambda question: True) -> Run:
        """Ask the questions for which ``only`` holds; the other items are those of the sound run."""
        kept = {} if "run" not in self.__dict__ else {item.id: item for item in self.run.items}
        items: list[Item] = []
        for done, question in enumerate(self.questions.questions, start=1):
            if only(question) or question.id not in kept:
                items.append(runs.ask_one(asks, question, self.corpus.texts))
            else:
                items.append(kept[question.id])
            self.notice(question.id, done, len(self.questions.questions))
        return self.scored(items)

    def scored(self, items: list[Item]) -> Run:
        """Return items as a scored run over the bench's documents."""
        info = RunInfo(started="", documents=self.corpus.names, documents_sha256=self.corpus.sha256)
        return score_run(Run(run=info, items=items), self.questions.questions, self.corpus.texts)

    def each(self, change: Callable[[Item], Item]) -> Run:
        """Return the sound run with every answer changed."""
        return self.scored([change(item.model_copy(deep=True)) for item in self.run.items])

    @contextmanager
    def rebuilt(self, documents: Sequence[RawDocument] | None = None, **settings: Any) -> Iterator[Corpus]:
        """Open another temporary library of ``documents``, or of the bench's own, with some settings changed."""
        chosen = self.settings.model_copy(update=settings)
        with corpora.temporary(documents or self.documents, chosen, self.embedder) as corpus:
            yield corpus


@contextmanager
def open_bench(
    documents: Sequence[RawDocument],
    questions: QuestionSet,
    settings: Settings,
    embedder: Embedder,
    notice: Notice | None = None,
) -> Iterator[Bench]:
    """Index the documents and open a bench on them."""
    with corpora.temporary(documents, settings, embedder, notice) as corpus:
        bench = Bench(documents, questions, settings, embedder, corpus)
        yield bench if notice is None else Bench(documents, questions, settings, embedder, corpus, notice)
