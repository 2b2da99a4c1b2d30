"""Reader and linear model, together and each alone, on a question set that neither was fitted on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from qa.ranking.reader import calibration
from qa.ranking.reader.ranker import ReaderRanker
from qa.reader.model import JUDGE_WEIGHTS, Reader
from qa.settings import Settings
from vectorstore.reading import read_source

from ...runs import corpus as corpora
from .samples import samples
from .worth import best, log_odds_of, worth


def ablate(
    weights: Path, questions: Path, documents: Path, settings: Settings, cache: Path | None, rate: float
) -> dict[str, dict[str, float]]:
    """Return what both are worth on a question set, for all of it and by the language of the question.

    Questions that ask several things at once, or compare documents, are left out: they have several answers.

    Args:
        weights: the artefact, with its calibration beside it.
        cache: keeps vectors; None for none.
        rate: of false refusals, at which ``told`` is measured.
    """
    embedder = corpora.embedder_of(settings, cache, queries=True)
    reader, judge = Reader.load(weights, settings.models_dir), Reader.load(JUDGE_WEIGHTS, settings.models_dir)
    fitted = calibration.load(weights.with_suffix(".json"), reader.weights_hash, judge.weights_hash)
    asked = [json.loads(line) for line in questions.read_text("utf-8").splitlines()]
    sources = list(read_source(documents))
    found = list(samples(True, asked, sources, settings, embedder, lambda lib: ReaderRanker(lib, reader, judge, None)))
    bests = [best(fitted, sample) for sample in found]
    log_odds = log_odds_of(fitted, found, bests)
    english = np.array([sample.language == "en" for sample in found])
    parts = {"all": english | True, "zh": ~english, "en": english}
    return {name: worth(found, bests, log_odds, rate, rows) for name, rows in parts.items() if rows.any()}
