"""Baselines: runs as the repository keeps them, one line for each question and one for each reason to refresh."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import BadRun, DoesNotFit
from ..files import write_text
from ..metrics.registry import PERFECT, TESTED
from ..runs.run_file import Run
from .compare import ANSWER_CHARS, DIGITS
from .comparison import Row, Side

KEPT = (*PERFECT, *TESTED)
"""Scores that a comparison looks at."""


class BaselineItem(BaseModel):
    """One question's line."""

    model_config = ConfigDict(extra="forbid")

    id: str
    type: str
    fingerprint: str
    """Changes with anything that is asked, or that an answer is scored against."""
    abstained: bool
    answer: str
    scores: dict[str, int | float]


class Reason(BaseModel):
    """Why the baseline was made or refreshed."""

    model_config = ConfigDict(extra="forbid")

    date: str
    git: str | None
    why: str
    correct: float | None
    scores_sha256: str


class Baseline(BaseModel):
    model_config = ConfigDict(extra="forbid")

    questions: str
    """The set's path, relative to the baseline's folder."""
    documents: str
    """The documents' path, relative to the baseline's folder."""
    documents_sha256: str
    answerer: str
    embedder: str
    history: list[Reason]
    items: list[BaselineItem]

    def paths(self, at: Path) -> tuple[Path, Path]:
        """Return where the question set and the documents are, for a baseline that lies ``at`` a path."""
        here = at.resolve().parent
        return here / self.questions, here / self.documents

    def side(self, name: str) -> Side:
        """Return the baseline as one side of a comparison."""
        rows = {
            item.id: Row(
                id=item.id,
                type=item.type,
                fingerprint=item.fingerprint,
                question="",
                answer=item.answer,
                abstained=item.abstained,
                scores={name: float(value) for name, value in item.scores.items()},
            )
            for item in self.items
        }
        last = self.history[-1] if self.history else None
        about = {"answerer": self.answerer, "embedder": self.embedder}
        about |= {"commit": last.git or "", "started": last.date} if last else {}
        return Side(name, self.documents_sha256, rows, {what: value for what, value in about.items() if value})


def load(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        BadRun: it can't be read or is not a baseline; the message names the first field that is wrong.
    """
    try:
        return Baseline.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadRun(f"{path} can't be read as a baseline: {error}; make one with `qa eval baseline --why`") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadRun(f"{path} is not a baseline: {where}: {first['msg']}") from error


def make(run: Run, why: str, path: Path, questions: Path, documents: Path, earlier: Sequence[Reason] = ()) -> Baseline:
    """Return the baseline that ``run`` makes, to be kept at ``path``.

    Raises:
        DoesNotFit: the pipeline failed on a question, or the run was made with another version of the items' shape.
    """
    failed = [item.id for item in run.items if item.error]
    if failed:
        raise DoesNotFit(f"{len(failed)} questions failed, first {failed[0]}; a baseline wants a run without errors")
    reason = Reason(
        date=datetime.now(UTC).date().isoformat(),
        git=run.run.git,
        why=why.strip(),
        correct=run.summary["all"]["correct"],
        scores_sha256=run.run.scores_sha256[:16],
    )
    return Baseline(
        questions=_relative(questions, path),
        documents=_relative(documents, path),
        documents_sha256=run.run.documents_sha256,
        answerer=run.run.answerer,
        embedder=run.run.embedder,
        history=[*earlier, reason],
        items=[_line(item_id, run) for item_id in sorted(item.id for item in run.items)],
    )


def _line(item_id: str, run: Run) -> BaselineItem:
    item = next(item for item in run.items if item.id == item_id)
    if item.asked is None:
        raise DoesNotFit(f"item {item.id} lacks `asked`; make the run anew with `qa eval run`")
    return BaselineItem(
        id=item.id,
        type=item.asked.type,
        fingerprint=item.asked.fingerprint,
        abstained=item.abstained,
        answer=item.answer[:ANSWER_CHARS],
        scores={name: _short(item.scores[name]) for name in KEPT if name in item.scores},
    )


def _short(value: float) -> float:
    """Return a score with four decimals, and 0 and 1 without any."""
    return int(value) if value in (0.0, 1.0) else round(value, DIGITS)


def _relative(path: Path, baseline: Path) -> str:
    return Path(os.path.relpath(path.resolve(), baseline.resolve().parent)).as_posix()


def save(baseline: Baseline, path: Path) -> None:
    """Write a baseline, stable to diff: questions by id, a line each, keys in one order.

    Raises:
        EvalError: it can't be written; an earlier one is still there.
    """
    whole = baseline.model_dump(mode="json")
    lists = {"history", "items"}
    head = [f" {_json(key)}: {_json(value)}" for key, value in whole.items() if key not in lists]
    rows = [f' "{key}": [\n{_rows(whole[key])}\n ]' for key in ("history", "items")]
    write_text(path, "{\n" + ",\n".join([*head, *rows]) + "\n}\n")


def _rows(values: Sequence[Any]) -> str:
    return ",\n".join(f"  {_json(value)}" for value in values)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
