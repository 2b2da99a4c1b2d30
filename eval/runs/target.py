"""What a command asks: which questions, over which documents, with which answerer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from qa import settings as settings_module
from qa.pipeline import build
from qa.settings import Settings

from ..datasets import questions as sets
from . import corpus as corpora
from . import run as runs
from .corpus import Corpus, Progress
from .run_file import Run

Show = Callable[[str], AbstractContextManager[Progress]]
"""Opens a display of progress for a step with a name."""


@dataclass(frozen=True)
class Selection:
    """Which questions of a file are asked."""

    file: Path
    split: sets.Split | None = None
    types: str | None = None
    """Types separated by commas; None for all."""
    limit: int | None = None

    def load(self) -> sets.QuestionSet:
        names = [name.strip() for name in self.types.split(",") if name.strip()] if self.types else None
        return sets.load(self.file).select(self.split, names, self.limit)

    def described(self) -> dict[str, str | int]:
        chosen = {"split": self.split, "types": self.types, "limit": self.limit}
        return {key: value for key, value in chosen.items() if value is not None}


@dataclass(frozen=True)
class Target:
    """What is asked: documents (None: the current library), an answerer, and a cache of vectors."""

    documents: Path | None = None
    answerer: str | None = None
    cache: Path | None = None

    def settings(self) -> Settings:
        return settings_module.load(**({"answerer": self.answerer} if self.answerer else {}))


def ask(selection: Selection, target: Target, show: Show) -> Run:
    """Ask the selected questions of the target with the configured pipeline."""
    questions = selection.load()
    settings = target.settings()
    with _corpus(target, settings, show) as corpus, show("asking") as advance:
        pipeline = build(settings, corpus.library)
        info = runs.describe(settings, pipeline.answerer.name, corpus, questions, selection.described())
        total = len(questions.questions)
        return runs.run(
            pipeline, questions, corpus, info, lambda item, done: advance(f"{item.id} {item.question}", done, total)
        )


@contextmanager
def _corpus(target: Target, settings: Settings, show: Show) -> Iterator[Corpus]:
    with ExitStack() as stack:
        if target.documents is None:
            yield stack.enter_context(corpora.current(settings))
            return
        with show("indexing") as advance:
            opened = corpora.from_path(target.documents, settings, target.cache, advance)
            corpus = stack.enter_context(opened)
        yield corpus
