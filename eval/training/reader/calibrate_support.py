"""Fits how sure the support judge must be to overrule what is said of words, on claims that training never saw."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa.reader.model import Reader
from qa.settings import Settings
from qa.verify import WORDING, Source, arithmetic, bare, derived_sets, firm_objection, objection
from qa.verify.support import SupportJudge

from .groups import Group
from .mixture import held_out
from .pairs import Document, read_pairs
from .support import read_claims


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with what the reader and the rules make of it."""

    language: str
    kind: str
    """``true``, or what is wrong with it."""
    log_odds: float
    firm: bool
    """Whether something objects that the judge can't overrule."""
    wording: bool
    """Whether something objects that it can."""

    @property
    def true(self) -> bool:
        return self.kind == "true"


def calibrate_judge(
    weights: Path, pairs: Sequence[Path], claims: Path, settings: Settings, precision: float
) -> dict[str, Any]:
    """Write the threshold of ``weights`` beside them; return it with what it is worth.

    Args:
        pairs: folders of the documents that claims are over.
        claims: the folder of written claims.
        precision: least share of true ones among the claims that the judge makes stand.
    """
    reader = Reader.load(weights, settings.data_dir)
    threshold, report = fit_support(judged_claims(read_pairs(pairs), claims, reader), precision)
    value = {"weights_sha256": reader.weights_hash, "threshold": round(threshold, 4), "fitted": report}
    weights.with_suffix(".json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return value


def judged_claims(documents: Sequence[Document], written: Path, reader: Reader) -> list[Judged]:
    """Return the claims over the written documents that training kept out."""
    kept_out = [document for document in documents if held_out(document.id)]
    return list(judged(read_claims(written, kept_out), reader))


def judged(groups: Iterable[Group], reader: Reader) -> Iterator[Judged]:
    """Yield claims of the second task, as the product judges them."""
    judge = SupportJudge(reader, 0.0)
    for group in groups:
        (passage,) = group.passages
        sources = [Source(passage.text, f"{passage.title}\n{passage.section}", group.id, passage.text)]
        claim = bare(group.question)
        shorter = [arithmetic.without(claim, some) for some in derived_sets(claim, sources)]
        standing = [one for one in (claim, *shorter) if not firm_objection(one, sources)]
        yield Judged(
            group.language,
            group.kind.partition(":")[2].replace("supported", "true"),
            judge.log_odds(claim, sources),
            not standing,
            all(objection(WORDING, one, sources) for one in standing or [claim]),
        )


def fit_support(rows: Sequence[Judged], precision: float) -> tuple[float, dict[str, Any]]:
    """Return the lowest threshold that keeps a precision, and what it is worth.

    Args:
        precision: least share of true ones among the claims that the judge makes stand.
    """
    open_ = sorted((row for row in rows if row.wording and not row.firm), key=lambda row: -row.log_odds)
    right = np.cumsum([row.true for row in open_]) / np.arange(1, len(open_) + 1)
    kept = np.flatnonzero(right >= precision)
    threshold = open_[int(kept[-1])].log_odds if len(kept) else float("inf")
    report = {"alone": worth(rows, float("inf")), "with the judge": worth(rows, threshold), "precision": precision}
    return threshold, report


def worth(rows: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """Return the share of claims that stand, by language and by kind, with their number."""
    stands: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        ok = not row.firm and (not row.wording or row.log_odds >= threshold)
        stands[f"{row.language} {'true' if row.true else 'false'}"].append(ok)
        stands[row.kind].append(ok)
    return {name: [round(float(np.mean(found)), 3), len(found)] for name, found in sorted(stands.items())}
