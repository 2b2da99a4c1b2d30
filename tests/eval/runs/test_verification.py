"""A claim set: read, judged, and compared like a run of questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.datasets import claims as sets
from eval.errors import BadQuestionSet
from eval.gate.decision import compare
from eval.runs.run_file import save
from eval.runs.verification import verify
from qa.settings import Settings

RIVER = {"document": "青河概况", "section": "一、水系", "sentences": ["青河全长120公里。", "青河有桥12座。"]}
BADGES = {"document": "Badges", "sentences": ["Contractors wear a yellow badge."]}
CLAIMS = [
    {"id": "a", "lang": "zh", "claim": "青河全长120公里。", "supported": True, "evidence": [RIVER]},
    {"id": "b", "lang": "zh", "claim": "青河全长150公里。", "supported": False, "kind": "figure", "evidence": [RIVER]},
    {"id": "c", "lang": "en", "claim": "Contractors wear a yellow badge.", "supported": True, "evidence": [BADGES]},
    {"id": "d", "lang": "en", "claim": "Contractors wear 3 badges.", "supported": False, "evidence": [BADGES]},
]


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    path = tmp_path / "claims.jsonl"
    path.write_text("".join(json.dumps(claim, ensure_ascii=False) + "\n" for claim in CLAIMS), "utf-8")
    return path


def test_true_claims_stand_and_false_ones_are_dropped(claims: Path, settings: Settings) -> None:
    run = verify(claims, settings)
    assert {name: row["correct"] for name, row in run.by_type.items()} == {
        "zh true": 1.0,
        "zh figure": 1.0,
        "en true": 1.0,
        "en false": 1.0,
    }
    assert run.summary["answerable"]["correct"] == 1.0  # of the supported ones, those that stand
    assert run.summary["latency_ms"]["p50"] >= 0
    dropped = {item.id: item.reason for item in run.items if item.abstained}
    assert set(dropped) == {"b", "d"}
    assert all(dropped.values())


def test_every_claim_is_named_while_it_is_judged(claims: Path, settings: Settings) -> None:
    said: list[tuple[str, int, int]] = []
    verify(claims, settings, on_item=lambda *args: said.append(args))
    assert said[0] == ("a 青河全长120公里。", 1, 4)
    assert said[-1][1:] == (4, 4)


def test_a_verifier_that_lets_more_through_is_worse(claims: Path, settings: Settings, tmp_path: Path) -> None:
    whole = [
        claim | {"id": f"{claim['id']}{number}", "claim": f"{claim['claim'][:-1]}, row {number}."}
        for number in range(8)
        for claim in CLAIMS[3:]
    ]
    claims.write_text("".join(json.dumps(claim) + "\n" for claim in whole), "utf-8")
    base = verify(claims, settings)
    worse = base.model_copy(deep=True)
    for item in worse.items:
        item.scores = {"correct": 0.0}
    for name, run in (("base", base), ("worse", worse)):
        save(run, tmp_path / f"{name}.json")
    assert compare(tmp_path / "base.json", tmp_path / "worse.json").worse


def test_a_fault_is_named_with_its_line(claims: Path) -> None:
    lines = claims.read_text("utf-8").splitlines()
    claims.write_text("\n".join([lines[0], '{"id": "x", "lang": "fr"}', lines[0], "{"]), "utf-8")
    with pytest.raises(BadQuestionSet) as error:
        sets.load(claims)
    said = str(error.value)
    assert "claims.jsonl:2: lang: Input should be 'zh' or 'en' (it is 'fr')" in said
    assert "claims.jsonl:2: claim: Field required" in said
    assert "claims.jsonl:3: id: 'a' stands on line 1 already" in said
    assert "claims.jsonl:4:" in said


def test_an_empty_file_is_no_claim_set(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("\n", "utf-8")
    with pytest.raises(BadQuestionSet, match=r"holds no claim; it should have one JSON object a line"):
        sets.load(tmp_path / "none.jsonl")
