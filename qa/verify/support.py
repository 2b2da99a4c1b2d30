"""The support judge: the reader's word on whether evidence says what a claim says, beside what the rules object."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import get_args

from qa.errors import RankerError
from qa.reader.inputs import cut_claim
from qa.reader.model import JUDGE_WEIGHTS, Reader
from qa.verify.source import Source
from vectorstore.text.language import Language, language_of

_REMEMBERED = 512
"""Claims with their evidence: the same one is judged while evidence is sought, and again when the answer is built."""


class SupportJudge:
    """Reads a claim beside its evidence. Threads may share one.

    Args:
        thresholds: belief from which on a claim in a language stands, in log-odds of the reader.
        penalties: by how much each rule that objects lowers the belief, by its name; one that isn't there says nothing.
    """

    def __init__(
        self, reader: Reader, thresholds: Mapping[Language, float], penalties: Mapping[str, float] | None = None
    ) -> None:
        self._reader = reader
        self._thresholds = dict(thresholds)
        self._penalties = dict(penalties or {})
        self._read = lru_cache(maxsize=_REMEMBERED)(self._log_odds)

    @classmethod
    def load(cls, cache_dir: Path, weights: Path = JUDGE_WEIGHTS, reader: Reader | None = None) -> SupportJudge:
        """Return the judge of ``weights`` and of the thresholds beside them.

        Args:
            cache_dir: keeps the model that is made of them once.
            reader: of these weights, where it is loaded already.

        Raises:
            RankerError: either is missing, damaged, or not for the other or for the installed encoder.
        """
        reader = reader or Reader.load(weights, cache_dir)
        return cls(reader, *load_calibration(weights.with_suffix(".json"), reader.weights_hash))

    def supports(self, claim: str, sources: Sequence[Source], objections: Collection[str] = ()) -> bool:
        """Whether it believes that ``sources`` say what ``claim``, as ``bare`` leaves it, says."""
        needed = self._thresholds[language_of(claim)] + sum(self._penalties.get(name, 0.0) for name in objections)
        return self.log_odds(claim, sources) >= needed

    def log_odds(self, claim: str, sources: Sequence[Source]) -> float:
        """Return the reader's log-odds that ``sources`` say what ``claim`` says."""
        return self._read(claim, evidence_text(sources))

    def _log_odds(self, claim: str, evidence: tuple[str, str, str]) -> float:
        title, section, text = evidence
        pieces = cut_claim(self._reader.tokens, claim, title, section, text)
        ((found,),) = self._reader.log_odds([pieces.joined(0, pieces.room)])
        return -math.inf if math.isnan(found) else float(found)


def evidence_text(sources: Sequence[Source]) -> tuple[str, str, str]:
    """Return title, section and text of evidence, as the judge reads them.

    Evidence of several documents has no title of its own: each stretch stands behind its document's.
    """
    parts: dict[str, list[Source]] = {}
    for source in sources:
        parts.setdefault(source.document, []).append(source)
    if len(parts) == 1:
        title, _, section = sources[0].context.partition("\n")
        return title, section, _joined([source.text for source in sources])
    told = [f"{some[0].context.partition(chr(10))[0]}: {_joined([s.text for s in some])}" for some in parts.values()]
    return "", "", "\n".join(told)


def _joined(texts: Sequence[str]) -> str:
    whole = "\n\n".join(texts)
    return (" " if language_of(whole) == "en" else "").join(part for part in whole.split("\n\n") if part)


def load_calibration(path: Path, weights_hash: str) -> tuple[dict[Language, float], dict[str, float]]:
    """Return thresholds and penalties that were fitted to the weights with ``weights_hash``.

    Raises:
        RankerError: the file is missing, damaged, or belongs to other weights.
    """
    way_out = "make it with `python -m eval.training.reader judge`, or set QA_RANKER=linear"
    try:
        value = json.loads(path.read_text("utf-8"))
        fitted_to = value["weights_sha256"]
        thresholds = {language: float(value["thresholds"][language]) for language in get_args(Language)}
        penalties = {str(name): float(penalty) for name, penalty in value["penalties"].items()}
    except OSError as error:
        raise RankerError(f"the support judge's {path} can't be read ({error.strerror}): {way_out}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RankerError(f"{path} is no calibration of this version ({error!r}): {way_out}") from error
    if fitted_to != weights_hash:
        raise RankerError(f"{path} belongs to other weights than those beside it: {way_out}")
    return thresholds, penalties
