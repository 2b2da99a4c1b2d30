"""Fitting the reader's calibration: on questions asked through the product, and by hand-made numbers."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from eval.training.reader import groups as records
from eval.training.reader.calibrate import calibrate, fit_logistic
from eval.training.reader.calibrate_support import Judged, calibrate_judge, fit_support
from eval.training.reader.groups import cut_document
from eval.training.reader.mixture import held_out
from eval.training.reader.pairs import read_pairs
from qa.ranking import load_ranker
from qa.ranking.reader.calibration import SIGNALS
from qa.settings import Settings
from qa.verify import Source
from qa.verify.support import SupportJudge
from tests.support.tiny_reader import save_tiny_reader
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.text.language import Language

from .conftest import ASKED, DOCUMENTS

ROOT = Path(__file__).resolve().parents[3]


def test_a_logistic_regression_finds_what_made_the_data() -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=(6000, 2)) * [1.0, 5.0] + [0.0, 3.0]
    p = 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.3 * x[:, 1] + 0.5)))
    y = (random.random(6000) < p).astype(np.float64)
    slope, offset = fit_logistic(x, y)
    assert slope == pytest.approx([1.5, -0.3], abs=0.12)
    assert offset == pytest.approx(0.5, abs=0.15)


def held_out_pairs(folder: Path) -> Path:
    """Write the tests' documents under names that training keeps out."""
    names = (name for number in count() if held_out(name := f"kept-{number}"))
    folder.mkdir()
    with (folder / "pairs.jsonl").open("w", encoding="utf-8") as file:
        for language, title, text in DOCUMENTS:
            pairs = [dict(zip(("question", "answer", "near_miss", "change"), p, strict=True)) for p in ASKED[title]]
            line = {"id": next(names), "lang": language, "title": title, "text": text, "pairs": pairs}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return folder


def asked_of_others(folder: Path) -> tuple[Path, Path]:
    """Write a question set over one of the tests' documents; return its questions and documents."""
    (folder / "documents").mkdir(parents=True)
    _, title, text = DOCUMENTS[-1]
    (folder / "documents" / "ferry.txt").write_text(f"{title}\n\n{text}", encoding="utf-8")
    (question, answer, near_miss, _), *_ = ASKED[title]
    rows = [
        {"id": "1", "type": "fact", "question": question, "answerable": True, "must_contain": [[answer]]},
        {"id": "2", "type": "near_miss", "question": near_miss, "answerable": False},
    ]
    questions = folder / "questions.jsonl"
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return questions, folder / "documents"


def claims_over(pairs: Path, folder: Path) -> Path:
    """Write claims over those documents: each first sentence as it stands, and with a name that is nowhere in it."""
    folder.mkdir()
    with (folder / "claims.jsonl").open("w", encoding="utf-8") as file:
        for document in read_pairs([pairs]):
            first = cut_document(document.text, document.title)[0].sentences[0].text
            claims = [
                {"claim": claim, "lang": document.language, "kind": kind}
                for claim, kind in ((first, "true"), (f"Nowhere: {first}", "subject"))
            ]
            line = {"of": document.id, "evidence": [first], "claims": claims}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return folder


def test_what_is_fitted_is_kept_beside_the_weights_and_refuses_as_many_as_stated(tmp_path: Path) -> None:
    weights = save_tiny_reader(tmp_path / "tiny.npz")
    weights.with_suffix(".json").unlink()
    records.write(tmp_path / "own.jsonl.gz", [])
    settings = Settings(data_dir=tmp_path / "models")
    pairs = held_out_pairs(tmp_path / "pairs")
    folders = ROOT / "eval" / "sets", ROOT / "seeds", [pairs], [asked_of_others(tmp_path / "others")]
    value = calibrate(weights, tmp_path, *folders, settings, 0.2)
    assert json.loads(weights.with_suffix(".json").read_text("utf-8")) == value
    assert value["signals"].keys() == set(SIGNALS)
    found = value["fitted"]["written"]
    assert (found["answerable"], found["unanswerable"]) == (8, 8)
    others = value["fitted"]["others"]
    assert (others["answerable"], others["unanswerable"]) == (1, 1)
    refused = [1 - found["answered"], 1 - others["answered"]]
    assert sum(refused) / 2 <= 0.2  # each set counts alike, though the one has eight times as many
    assert min(refused) == 0
    assert 0.5 < found["right_linear"] <= 1.0
    assert value["rank"]["linear"] > 0
    with Library.open(tmp_path / "library", load_embedder("bundled", tmp_path / "models")) as library:
        assert load_ranker(f"reader:{weights}", library, tmp_path / "models").name == "reader"


def test_the_judge_s_calibration_is_kept_beside_its_weights(tmp_path: Path) -> None:
    weights = save_tiny_reader(tmp_path / "tiny.npz")
    pairs = held_out_pairs(tmp_path / "pairs")
    settings = Settings(data_dir=tmp_path / "models")
    more = tmp_path / "mine.jsonl"
    said = {"lang": "en", "claim": "No dogs.", "evidence": [{"document": "Rules", "sentences": ["No dogs."]}]}
    more.write_text(
        "".join(json.dumps(said | {"id": str(n), "supported": n > 0}) + "\n" for n in range(2)), encoding="utf-8"
    )
    value = calibrate_judge(
        weights, [pairs], claims_over(pairs, tmp_path / "claims"), [more], settings, {"zh": 0.9, "en": 0.9}
    )
    assert json.loads(weights.with_suffix(".json").read_text("utf-8")) == value
    assert value["fitted"]["claims"]["with the judge"]["true"][1] == len(DOCUMENTS)
    assert value["fitted"]["mine"]["with the judge"]["true"][1] == 1
    judge = SupportJudge.load(tmp_path / "models", weights)
    source = Source("No dogs.", "Rules\n", "d")
    belief = judge.log_odds("No dogs.", [source])
    assert judge.supports("No dogs.", [source]) == (belief >= value["thresholds"]["en"])


def test_a_rule_counts_by_what_its_objections_are_worth() -> None:
    language: Language = "en"

    def claim(kind: str, log_odds: float, *objections: str, missing: bool = False) -> Judged:
        return Judged(language, kind, log_odds, missing, frozenset(objections))

    rows = [claim("true", value) for value in (3.0, 2.0, 1.0, 0.5)] + [claim("true", 2.5, "words")] * 2
    rows += [claim("scope", value, "scope") for value in (2.0, 1.0, 0.0)] + [claim("subject", -1.0), claim("year", 1.2)]
    rows += [claim("figure", 9.0, missing=True)]
    thresholds, penalties, report = fit_support({"a": rows}, {"en": 0.8, "zh": 0.5})
    assert set(penalties) == {"scope"}  # objections about words speak for these claims
    assert penalties["scope"] > 0
    assert thresholds == {"en": 1.0, "zh": 0.0}  # five of the six true claims; none in Chinese
    judged = report["a"]["with the judge"]
    assert judged["true"] == [0.833, 6]
    assert judged["figure"] == [0.0, 1]  # whatever the reader says
    assert judged["subject"] == [0.0, 1]
    assert judged["year"] == [1.0, 1]
    assert judged["scope"][0] < 1
    assert report["a"]["rules alone"]["true"] == [0.667, 6]
    assert fit_support({"a": rows}, {"en": 0.5, "zh": 0.5})[0]["en"] == 2.5
    language = "zh"
    rows += [claim("true", value) for value in (5.0, 4.0)] + [claim("scope", 4.5)]
    assert fit_support({"a": rows}, {"en": 0.8, "zh": 0.5})[0]["zh"] == 5.0
