"""What a command asks: which questions, over which documents, with which answerer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa import settings as settings_module
from qa.answering import choose
from qa.pipeline import QA, build
from qa.ranking import load_ranker
from qa.settings import Settings
from vectorstore.library import Library

from ..datasets import questions as sets
from ..errors import DoesNotFit
from . import corpus as corpora
from . import run as runs
from .corpus import Corpus, Progress
from .recordings import RecordingModel, ReplayedModel
from .run_file import Run

if TYPE_CHECKING:
    from qa.answering.llm import ModelAnswerer

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
    record: Path | None = None
    """A folder for the language model's prompts and replies."""
    replay: Path | None = None
    """Such a folder in place of the model."""

    def settings(self) -> Settings:
        return settings_module.load(**({"answerer": self.answerer} if self.answerer else {}))


def ask(selection: Selection, target: Target, show: Show) -> Run:
    """Ask the selected questions of the target with the configured pipeline.

    Raises:
        DoesNotFit: there is no model to record, or no recording.
        NoRecording: a recording lacks what a question needs; the message names it.
    """
    questions = selection.load()
    settings = target.settings()
    answerer = _model_answerer(target, settings)
    with _corpus(target, settings, show) as corpus, show("asking") as advance:
        pipeline = _pipeline(answerer, settings, corpus.library)
        info = runs.describe(settings, pipeline.answerer.name, corpus, questions, selection.described())
        total = len(questions.questions)
        return runs.run(
            pipeline, questions, corpus, info, lambda item, done: advance(f"{item.id} {item.question}", done, total)
        )


def _model_answerer(target: Target, settings: Settings) -> ModelAnswerer | None:
    """Return the answerer whose model is recorded or replayed; None where the target asks for neither.

    Raises:
        DoesNotFit: there is no model to record, or no recording.
    """
    if target.record and target.replay:
        raise DoesNotFit("--record asks the model and --replay does without it; give one of them")
    if target.replay:
        from qa.answering.llm import ModelAnswerer

        replayed = ReplayedModel(target.replay)
        return ModelAnswerer(
            replayed, passages=settings.llm_passages, repair=settings.llm_repair, structured=settings.llm_structured
        )
    if not target.record:
        return None
    answerer = choose(settings)
    if answerer is None:
        raise DoesNotFit("there is no model to record; set QA_LLM_MODEL with QA_LLM_BASE_URL, or QA_LLM_GGUF")
    answerer.model = RecordingModel(answerer.model, target.record)
    return answerer


def _pipeline(answerer: ModelAnswerer | None, settings: Settings, library: Library) -> QA:
    if answerer is None:
        return build(settings, library)
    return QA(library, settings, answerer, load_ranker(settings.ranker, library, settings.models_dir))


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
