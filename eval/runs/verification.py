"""Runs a claim set: lets the verifier judge every claim, and scores it as a run is scored.

A claim that is supported and stands is right, as is one that isn't and is dropped. So the commands that compare,
gate and report runs of questions do the same for claims: "answerable" are the supported ones, "abstained" those that
were dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from qa.settings import Settings
from qa.verify import Source, Verifier
from qa.verify.support import SupportJudge

from ..datasets import claims as sets
from ..datasets.claims import Claim
from ..datasets.questions import Question
from ..metrics.scoring import scored_run
from .run import revision, weights
from .run_file import CitationRecord, Item, Run, RunInfo, SentenceRecord

MODES = ("judge", "rules")


def verify(
    path: Path, settings: Settings, rules_alone: bool = False, on_item: Callable[[str, int, int], None] | None = None
) -> Run:
    """Return the scored run of a file of claims.

    Args:
        rules_alone: without the support judge, as where no model answers.
        on_item: called after each claim with its text, how many are done, and how many there are.

    Raises:
        BadQuestionSet: the file is no claim set.
        RankerError: the judge can't be loaded.
    """
    chosen = sets.load(path)
    verifier = Verifier(None if rules_alone else SupportJudge.load(settings.models_dir))
    questions, items = [], []
    for claim in chosen.claims:
        question = Question(id=claim.id, type=claim.type, question=claim.claim, answerable=claim.supported)
        questions.append(question)
        items.append(_item(claim, question, verifier))
        if on_item:
            on_item(f"{claim.id} {claim.claim}", len(items), len(chosen.claims))
    info = RunInfo(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        git=revision(),
        answerer=MODES[rules_alone],
        weights=weights(),
        documents=sorted({cited.document for claim in chosen.claims for cited in claim.evidence}),
        documents_sha256=chosen.sha256,
        questions={"name": chosen.name, "sha256": chosen.sha256, "n": len(chosen.claims)},
    )
    return scored_run(Run(run=info), questions, items)


def sources_of(claim: Claim) -> list[Source]:
    """Return a claim's evidence as the verifier takes it."""
    told = [("\n\n".join(one.sentences), one) for one in claim.evidence]
    return [Source(text, f"{one.document}\n{one.section}", one.document, text) for text, one in told]


def _item(claim: Claim, question: Question, verifier: Verifier) -> Item:
    sources = sources_of(claim)
    started = time.perf_counter()
    verdict = verifier.verify_against(claim.claim, sources)
    spent = round(1000 * (time.perf_counter() - started), 3)
    citations = [
        CitationRecord(number=number, document=one.document, section=one.section, quote=quote, spans=[])
        for number, one in enumerate(claim.evidence, start=1)
        for quote in [" ".join(one.sentences)]
    ]
    return Item(
        id=claim.id,
        question=claim.claim,
        asked=question,
        answer=claim.claim if verdict.ok else "",
        abstained=not verdict.ok,
        reason=verdict.reason,
        sentences=[SentenceRecord(text=claim.claim, citations=[c.number for c in citations])] if verdict.ok else [],
        citations=citations,
        latency_ms={"total": spent},
        scores={"correct": float(verdict.ok == claim.supported)},
    )
