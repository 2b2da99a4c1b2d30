"""Fits what the support judge makes of rules that object, on claims that training never saw."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from qa.reader.model import Reader
from qa.settings import Settings
from qa.verify import CHECKS, Source, bare, weighed
from qa.verify.support import SupportJudge
from vectorstore.text.language import Language, language_of

from ...datasets.claims import Claim, load
from ...runs.verification import sources_of
from ..logistic import Floats, fit_logistic
from .groups import Group
from .mixture import held_out
from .pairs import Document, read_pairs
from .support import read_claims

RULES = tuple(CHECKS)
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with what the reader and the rules make of it."""

    language: Language
    kind: str
    """``true``, or what is wrong with it."""
    log_odds: float
    missing: bool
    """Whether it falls, whatever the judge says: a figure is neither in the evidence nor follows from it."""
    objections: frozenset[str] = frozenset()
    """The names of the rules that object."""

    @property
    def true(self) -> bool:
        return self.kind == "true"


def calibrate_judge(
    weights: Path,
    pairs: Sequence[Path],
    claims: Path,
    more: Sequence[Path],
    settings: Settings,
    kept: Mapping[Language, float],
) -> dict[str, Any]:
    """Write the calibration of ``weights`` beside them; return it with what it is worth.

    Args:
        pairs: folders of the documents that claims are over.
        claims: the folder of written claims.
        more: claim sets, as ``qa eval verify`` takes them, to fit to as well; each counts as much as the claims.
        kept: for each language, the share of the true claims that are to stand; of those whose figures are in the
            evidence.
    """
    reader = Reader.load(weights, settings.models_dir)
    judge = _unweighed(reader)
    sets = {"claims": judged_claims(read_pairs(pairs), claims, reader)}
    sets |= {path.stem: [judged_claim(claim, judge) for claim in load(path).claims] for path in more}
    thresholds, penalties, report = fit_support(sets, kept)
    value = {"weights_sha256": reader.weights_hash, "thresholds": thresholds, "penalties": penalties, "fitted": report}
    weights.with_suffix(".json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return value


def _unweighed(reader: Reader) -> SupportJudge:
    return SupportJudge(reader, dict.fromkeys(LANGUAGES, 0.0))


def judged_claims(documents: Sequence[Document], written: Path, reader: Reader) -> list[Judged]:
    """Return the claims over the written documents that training kept out."""
    kept_out = [document for document in documents if held_out(document.id)]
    return list(judged(read_claims(written, kept_out), reader))


def judged(groups: Iterable[Group], reader: Reader) -> Iterator[Judged]:
    """Yield claims of the second task, as the product judges them."""
    judge = _unweighed(reader)
    for group in groups:
        (passage,) = group.passages
        source = Source(passage.text, f"{passage.title}\n{passage.section}", group.id, passage.text)
        kind = group.kind.partition(":")[2].replace("supported", "true")
        yield _judged(group.question, [source], kind, judge)


def judged_claim(claim: Claim, judge: SupportJudge) -> Judged:
    """Return a claim of a claim set as the product judges it."""
    kind = "true" if claim.supported else claim.kind or "false"
    return _judged(claim.claim, sources_of(claim), kind, judge)


def _judged(text: str, sources: Sequence[Source], kind: str, judge: SupportJudge) -> Judged:
    claim = bare(text)
    missing, found, _ = weighed(claim, sources, "", unsaid=True)
    return Judged(language_of(claim), kind, judge.log_odds(claim, sources), bool(missing), frozenset(found))


def fit_support(
    sets: Mapping[str, Sequence[Judged]], kept: Mapping[Language, float]
) -> tuple[dict[Language, float], dict[str, float], dict[str, Any]]:
    """Return thresholds and penalties in log-odds of the reader, and what they are worth.

    The penalties are those of a logistic regression on the reader's log-odds and on which rules object; a rule whose
    objections speak for a claim has none.

    Args:
        sets: claims by the name of their set; each set counts alike.
        kept: the share of the true claims in each language that are to stand, of those without a missing figure.
    """
    open_ = [[row for row in rows if not row.missing] for rows in sets.values()]
    weights = np.concatenate([np.full(len(rows), 500 / len(rows)) for rows in open_])
    rows = [row for some in open_ for row in some]
    penalties = _penalties(rows, weights)
    thresholds = {language: _threshold(rows, weights, penalties, language, kept[language]) for language in LANGUAGES}
    report: dict[str, Any] = {"kept": dict(kept)}
    for name, some in sets.items():
        alone = worth(some, dict.fromkeys(LANGUAGES, -1e9), dict.fromkeys(RULES, float("inf")))
        report[name] = {"rules alone": alone, "with the judge": worth(some, thresholds, penalties)}
    return thresholds, penalties, report


def _penalties(rows: Sequence[Judged], weights: Floats) -> dict[str, float]:
    used = [name for name in RULES if any(name in row.objections for row in rows)]
    right = np.array([float(row.true) for row in rows])
    while True:
        signals: Floats = np.array([[row.log_odds, *(-float(name in row.objections) for name in used)] for row in rows])
        slope, _ = fit_logistic(signals, right, weights)
        penalties = {name: round(float(value / slope[0]), 2) for name, value in zip(used, slope[1:], strict=True)}
        if all(value > 0 for value in penalties.values()):
            return penalties
        used = [name for name in used if penalties[name] > 0]


def _threshold(
    rows: Sequence[Judged], weights: Floats, penalties: Mapping[str, float], language: Language, kept: float
) -> float:
    """Return the belief from which on ``kept`` of the true claims in ``language`` stand; 0 where there are none."""
    own = [(row, weight) for row, weight in zip(rows, weights, strict=True) if row.true and row.language == language]
    if not own:
        return 0.0
    believed = sorted(((_belief(row, penalties), weight) for row, weight in own), reverse=True)
    shares = np.cumsum([weight for _, weight in believed]) / sum(weight for _, weight in believed)
    return round(believed[int(np.argmin(np.abs(shares - kept)))][0], 4)


def _belief(row: Judged, penalties: Mapping[str, float]) -> float:
    return row.log_odds - sum(penalties.get(name, 0.0) for name in row.objections)


def worth(
    rows: Sequence[Judged], thresholds: Mapping[Language, float], penalties: Mapping[str, float]
) -> dict[str, Any]:
    """Return the share of claims that stand, by language and by kind, with their number."""
    stands: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        ok = not row.missing and _belief(row, penalties) >= thresholds[row.language]
        stands[f"{row.language} {'true' if row.true else 'false'}"].append(ok)
        stands[row.kind].append(ok)
    return {name: [round(float(np.mean(found)), 3), len(found)] for name, found in sorted(stands.items())}
