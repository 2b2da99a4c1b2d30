"""How the reader's and the linear model's scores become one, and a probability: fitted, and kept beside the weights."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qa.errors import RankerError
from qa.ranking.base import Floats

JUDGE = "judge"
JUDGE_RANGE = (-8.0, 4.5)
"""Log-odds that the judge's are kept within; 99 in 100 of what was calibrated are."""
SIGNALS = ("best", "any", "linear", JUDGE, "row", "length")
"""What answerability is judged by: the reader's log-odds that the best sentence answers, and that any does; the linear
model's log-odds that its best one does; the support judge's that the best one says what is asked; whether it is a
table's row, which the reader is less sure of than of a sentence; and the logarithm of the question's tokens, since the
reader is less sure of what answers a long one, too. Whether a question names its document, is a follow-up,
is in English, wants several things or is contradicted by the best sentence added nothing to them."""

_EARLIER = {"judge": 0.0, "row": 0.0, "length": 0.0}
"""What calibrations that were fitted before there was a signal have for it."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What ``python -m eval.training.reader calibrate`` fits."""

    weights_hash: str
    """SHA-256 (hex) of the reader's weights that it was fitted to."""
    judge_hash: str
    """The same of the judge's; empty where that has no say."""
    rank: tuple[float, float]
    """Of the reader's log-odds and of the linear model's score, in the score of a sentence."""
    signals: Mapping[str, float]
    """Log-odds for each unit of a signal."""
    offset: float
    """Log-odds when all signals are 0: 0 in all is the stated rate of false refusals."""

    def scores(self, log_odds: Floats, linear: Floats) -> Floats:
        """Return the scores of sentences: their differences are log-odds of one against another."""
        return self.rank[0] * log_odds + self.rank[1] * linear

    def probability(self, signals: Mapping[str, float], judge: Callable[[], float], doubt: float = 0.0) -> float:
        """Return how sure it is that the best sentence answers; 0.5 and more is an answer.

        Args:
            signals: all but the judge's.
            judge: returns the judge's. It takes a third of the reading, so it isn't called where it could say nothing
                that changes the answer.
            doubt: log-odds to be taken off.
        """
        log_odds = self.offset - doubt + sum(self.signals[name] * value for name, value in signals.items())
        weight = self.signals[JUDGE]
        least, most = (log_odds + weight * value for value in JUDGE_RANGE)
        if least < 0.0 <= most:
            log_odds += weight * min(max(judge(), JUDGE_RANGE[0]), JUDGE_RANGE[1])
        return 1.0 / (1.0 + math.exp(-min(max(log_odds, -30.0), 30.0)))


def load(path: Path, weights_hash: str, judge_hash: str) -> Calibration:
    """Return the calibration that was fitted to the reader's and the judge's weights with these hashes.

    Raises:
        RankerError: the file is missing, damaged, or belongs to other weights.
    """
    way_out = "make it with `python -m eval.training.reader calibrate`, or set QA_RANKER=linear"
    try:
        read = json.loads(path.read_text("utf-8"))
        reader, linear = (float(read["rank"][name]) for name in ("reader", "linear"))
        signals = {name: float((_EARLIER | read["signals"])[name]) for name in SIGNALS}
        hashes = str(read["weights_sha256"]), str(read["judge_sha256"]) if signals["judge"] else ""
        found = Calibration(*hashes, (reader, linear), signals, float(read["offset"]))
    except OSError as error:
        raise RankerError(f"the reader's calibration {path} can't be read ({error.strerror}): {way_out}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RankerError(f"{path} is no calibration of this version ({error!r}): {way_out}") from error
    if found.weights_hash != weights_hash or found.judge_hash not in ("", judge_hash):
        raise RankerError(f"{path} belongs to other weights than those beside it: {way_out}")
    return found
