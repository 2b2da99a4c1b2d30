"""What the commands do: put the parts together, and print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import corpus as corpora
from eval import questions as sets
from eval import records, show
from eval import run as runs
from eval.corpus import Corpus
from eval.records import Run
from qa import settings as settings_module
from qa.pipeline import build
from qa.settings import Settings


@dataclass(frozen=True)
class Selection:
    """Which questions of a file are asked."""

    file: Path
    split: sets.Split | None = None
    types: str | None = None
    limit: int | None = None

    def load(self) -> sets.QuestionSet:
        names = [name.strip() for name in self.types.split(",") if name.strip()] if self.types else None
        return sets.load(self.file).select(self.split, names, self.limit)

    def described(self) -> dict[str, Any]:
        chosen = {"split": self.split, "types": self.types, "limit": self.limit}
        return {key: value for key, value in chosen.items() if value is not None}


def run(
    selection: Selection,
    documents: Path | None,
    answerer: str | None,
    cache: Path | None,
    json_out: Path | None,
    html_out: Path | None,
) -> int:
    """Ask, score, write and print a run; return how many questions failed."""
    done = ask(selection, documents, answerer, cache)
    if json_out:
        records.save(done, json_out)
    console = show.console()
    console.print(show.scores_table(done))
    for line in show.closing_lines(done):
        console.print(line, highlight=False)
    return int(done.summary["errors"])


def ask(selection: Selection, documents: Path | None, answerer: str | None, cache: Path | None) -> Run:
    """Ask the selected questions of the documents, or of the current library, with the configured pipeline."""
    questions = selection.load()
    settings = settings_module.load(**({"answerer": answerer} if answerer else {}))
    with _corpus(documents, settings, cache) as corpus, show.progress("asking") as advance:
        pipeline = build(settings, corpus.library)
        info = runs.describe(settings, pipeline.answerer.name, corpus, questions, selection.described())
        total = len(questions.questions)
        return runs.run(
            pipeline, questions, corpus, info, lambda item, done: advance(f"{item.id} {item.question}", done, total)
        )


@contextmanager
def _corpus(documents: Path | None, settings: Settings, cache: Path | None) -> Iterator[Corpus]:
    with ExitStack() as stack:
        if documents is None:
            yield stack.enter_context(corpora.current(settings))
            return
        with show.progress("indexing") as advance:
            corpus = stack.enter_context(corpora.from_path(documents, settings, cache, advance))
        yield corpus
