"""Runs a question set: asks every question, keeps what came back, scores it."""

from __future__ import annotations

import hashlib
import subprocess
import traceback
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import qa
import vectorstore
from qa import prompts
from qa.settings import Settings, without_passwords
from qa.types import Answer, History
from vectorstore.types import Span

from ..datasets.questions import Question, QuestionSet
from ..errors import DoesNotFit, EvalError, NoRecording
from ..metrics.scoring import score_run
from .corpus import Corpus, fingerprint
from .run_file import CitationRecord, DerivedRecord, Item, PassageRecord, Run, RunInfo, SentenceRecord

WEIGHTS = (".json", ".npz")
"""Endings of files that were fitted or trained; the packages hold no others with them."""
OUR_CODE = tuple(Path(path) for package in (qa, vectorstore) for path in package.__path__)
CONTEXT_CHARS = 60
"""Raw text kept on either side of a citation, for people."""
GAP_CHARS = 200
"""Raw text kept between two spans of one citation before it is shortened."""

NOT_KEPT = {"data_dir", "database_url", "chroma_url", "llm_api_key", "host", "port"}
"""Settings that say nothing of answers, or may hold a password."""


class Asks(Protocol):
    """What a run needs of a pipeline."""

    def ask(self, question: str, history: History = ()) -> Answer: ...


def run(
    asks: Asks,
    questions: QuestionSet,
    corpus: Corpus,
    info: RunInfo,
    on_item: Callable[[Item, int], None] | None = None,
) -> Run:
    """Ask every question in the set's order and return the scored run.

    A question on which the pipeline fails is kept as an item with its ``error`` and scores as an empty answer.
    ``on_item`` is called after each question with its item and how many are done.
    """
    items = []
    for done, question in enumerate(questions.questions, start=1):
        items.append(ask_one(asks, question, corpus.texts))
        if on_item:
            on_item(items[-1], done)
    return score_run(Run(run=info, items=items), questions.questions, corpus.texts)


def rescore(run: Run, questions: QuestionSet, texts: Mapping[str, str]) -> Run:
    """Return a run scored anew: what is expected of its answers may be another, what was asked and of what may not.

    Args:
        texts: the documents' texts by name, among others.

    Raises:
        DoesNotFit: no question is in the run, one was asked otherwise, or the documents have changed.
    """
    items = {item.id: item for item in run.items}
    asked = [question for question in questions.questions if question.id in items]
    if not asked:
        raise DoesNotFit(f"no question of {questions.name} is in the run")
    other = [question.id for question in asked if not _asked_so(question, items[question.id])]
    if other:
        raise DoesNotFit(f"{len(other)} questions of {questions.name} were asked otherwise, first {other[0]}; ask anew")
    if run.run.documents:
        texts = {name: texts[name] for name in run.run.documents if name in texts}
    if run.run.documents_sha256 not in ("", fingerprint(texts)):
        raise DoesNotFit("the documents are not those that were asked; give those, or ask anew with `qa eval run`")
    about = {"name": questions.name, "sha256": questions.sha256, "n": len(asked)}
    info = run.run.model_copy(update={"questions": run.run.questions | about})
    return score_run(run.model_copy(update={"run": info}), questions.questions, texts)


def _asked_so(question: Question, item: Item) -> bool:
    history = question.history if item.asked is None else item.asked.history
    return (item.question, history) == (question.question, question.history)


def ask_one(asks: Asks, question: Question, texts: Mapping[str, str]) -> Item:
    """Return the item of one question; an exception of the pipeline becomes the item's error.

    Raises:
        NoRecording: a model is replayed that was not recorded with this question.
        EvalError: a recording is damaged, or can't be written.
    """
    try:
        answer = asks.ask(question.question, question.history)
    except NoRecording as error:
        raise NoRecording(
            f"question {question.id} ({question.question}): {error}; record anew with `qa eval run --record`"
        ) from error
    except EvalError:  # of the harness, not of the pipeline
        raise
    except Exception as error:
        message = f"{type(error).__name__}: {error} ({_where(error)})"
        return Item(id=question.id, question=question.question, asked=question, error=message)
    return item_of(question, answer, texts)


def _where(error: Exception) -> str:
    """Return the last place of our own code that an exception came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if any(Path(f.filename).is_relative_to(folder) for folder in OUR_CODE)]
    frame = (ours or frames)[-1]
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"


def item_of(question: Question, answer: Answer, texts: Mapping[str, str]) -> Item:
    """Return an answer as an item of a run file, not scored yet."""
    return Item(
        id=question.id,
        question=question.question,
        asked=question,
        standalone_question=answer.standalone_question,
        answer=answer.answer,
        abstained=answer.abstained,
        reason=answer.reason,
        sentences=[
            SentenceRecord(
                text=s.text,
                citations=s.citations,
                derived=None if s.derived is None else DerivedRecord(**s.derived.model_dump()),
            )
            for s in answer.sentences
        ],
        citations=[
            CitationRecord(
                number=c.number,
                document=c.document,
                title=c.title,
                section=c.section,
                quote=c.quote,
                spans=c.spans,
                places=c.places,
                context=context(texts.get(c.document, ""), c.spans),
            )
            for c in answer.citations
        ],
        passages=[
            PassageRecord(
                document=p.document,
                spans=p.spans,
                score=p.score,
                dense_rank=p.dense_rank,
                lexical_rank=p.lexical_rank,
            )
            for p in answer.passages
        ],
        latency_ms=answer.latency_ms.model_dump(),
        answerer=answer.answerer,
        warnings=answer.warnings,
        dropped=answer.dropped,
        unknown_labels=answer.unknown_labels,
    )


def context(text: str, spans: Iterable[Span]) -> list[tuple[str, bool]]:
    """Return the raw text around ``spans`` in pieces, each with whether it is cited; long gaps are shortened."""
    ordered = sorted(spans)
    if not text or not ordered:
        return []
    first, last = ordered[0][0], ordered[-1][1]
    pieces = [(text[max(0, first - CONTEXT_CHARS) : first], False)]
    reached = first
    for start, end in ordered:
        gap = text[reached:start]
        if len(gap) > GAP_CHARS:
            gap = f"{gap[: GAP_CHARS // 2]} … {gap[-GAP_CHARS // 2 :]}"
        pieces += [(gap, False), (text[max(start, reached) : end], True)]
        reached = max(reached, end)
    pieces.append((text[last : last + CONTEXT_CHARS], False))
    return [(piece, cited) for piece, cited in pieces if piece]


def describe(
    settings: Settings, answerer: str, corpus: Corpus, questions: QuestionSet, selection: Mapping[str, Any]
) -> RunInfo:
    """Return what a run is a run of: code, settings, prompts, index, documents and questions."""
    return RunInfo(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        git=revision(),
        config=_kept(settings),
        answerer=answerer,
        embedder=corpus.library.embedder.fingerprint,
        prompts={name: prompts.load(name).sha256 for name in prompts.names()},
        weights=weights(),
        index=corpus.library.fingerprint,
        documents=corpus.names,
        documents_sha256=corpus.sha256,
        questions={"name": questions.name, "sha256": questions.sha256, "n": len(questions.questions), **selection},
    )


def _kept(settings: Settings) -> dict[str, Any]:
    """Return settings for a file that is shown to others: endpoints may hold a login."""
    values = settings.model_dump(mode="json", exclude=NOT_KEPT).items()
    return {name: without_passwords(value) if isinstance(value, str) else value for name, value in values}


def weights() -> dict[str, str]:
    """Return the SHA-256 of the files that were fitted or trained, by their paths: "qa/reader/weights.npz"."""
    files = [(code, path) for code in OUR_CODE for path in sorted(code.rglob("*")) if path.suffix in WEIGHTS]
    return {
        path.relative_to(code.parent).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for code, path in files
    }


def revision() -> str | None:
    """Return the commit that this code is at, with "+" when files differ from it; None when it is installed."""
    try:
        _git("ls-files", "--error-unmatch", Path(__file__).name)  # an installed copy may lie in another's repository
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).resolve().parent), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
