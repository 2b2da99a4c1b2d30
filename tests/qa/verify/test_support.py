"""The support judge: what it reads, how it weighs the rules, and what can't be loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from qa.errors import RankerError
from qa.reader.inputs import cut_claim
from qa.reader.model import Reader
from qa.types import Evidence
from qa.verify import RULES, Source, Verifier
from qa.verify.support import SupportJudge
from tests.support.passages import stored
from tests.support.tiny_reader import save_tiny_reader

QUOTE = "青禾县选派驻村第一书记1800余名，覆盖全部行政村。"
SOURCE = Source(QUOTE, "工作总结\n选派情况", "d1", QUOTE)
PARAPHRASE = "青禾县派出的驻村第一书记有1800余名。"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    path = save_tiny_reader(tmp_path_factory.mktemp("reader") / "tiny.npz")
    return Reader.load(path, path.parent)


def judge(reader: Reader, threshold: float = 0.0) -> SupportJudge:
    return SupportJudge(reader, {"zh": threshold, "en": threshold})


def evidence(text: str) -> list[Evidence]:
    passage = stored(1, text, title="工作总结")
    return [Evidence(passage, passage.passage.text, passage.passage.spans)]


def test_it_reads_the_claim_beside_title_section_and_evidence(reader: Reader) -> None:
    pieces = cut_claim(reader.tokens, PARAPHRASE, "工作总结", "选派情况", QUOTE)
    ((expected,),) = reader.log_odds([pieces.joined(0, pieces.room)])
    assert judge(reader).log_odds(PARAPHRASE, [SOURCE]) == pytest.approx(float(expected))


def test_evidence_of_two_documents_stands_behind_their_titles(reader: Reader) -> None:
    other = Source("石桥县选派300名。", "石桥县公报\n", "d2", "石桥县选派300名。")
    told = f"工作总结: {QUOTE}\n石桥县公报: 石桥县选派300名。"
    pieces = cut_claim(reader.tokens, PARAPHRASE, "", "", told)
    ((expected,),) = reader.log_odds([pieces.joined(0, pieces.room)])
    assert judge(reader).log_odds(PARAPHRASE, [SOURCE, other]) == pytest.approx(float(expected))


def test_evidence_longer_than_the_reader_reads_is_cut(reader: Reader) -> None:
    long = Source(QUOTE * 60, "工作总结\n", "d1", QUOTE * 60)
    assert np.isfinite(judge(reader).log_odds(PARAPHRASE, [long]))


SURE, NEVER = -1e9, 1e9


def test_the_judge_decides_what_the_rules_object_to(reader: Reader) -> None:
    claim = "青禾县给村里派去了1800余名帮扶干部。"
    assert not RULES.verify(claim, evidence(QUOTE)).ok
    assert Verifier(judge(reader, SURE)).verify(claim, evidence(QUOTE)).ok
    assert Verifier(judge(reader, NEVER)).verify(claim, evidence(QUOTE)) == RULES.verify(claim, evidence(QUOTE))


def test_what_no_rule_objects_to_falls_where_the_judge_does_not_believe_it(reader: Reader) -> None:
    claim = "Visitors wear a yellow badge."
    badge = evidence("Contractors wear a yellow badge.")
    verdict = Verifier(judge(reader, NEVER)).verify(claim, badge)
    assert (verdict.ok, verdict.reason) == (False, "the evidence doesn't say so")


def test_each_rule_that_objects_lowers_the_belief_by_its_penalty(reader: Reader) -> None:
    belief = judge(reader).log_odds(PARAPHRASE, [SOURCE])
    weighing = SupportJudge(reader, {"zh": belief - 1.0, "en": NEVER}, {"scope": 0.6, "words": 0.6})
    assert weighing.supports(PARAPHRASE, [SOURCE], ["scope", "names"])  # nothing is known of names
    assert not weighing.supports(PARAPHRASE, [SOURCE], ["scope", "words"])


def test_each_language_has_its_threshold(reader: Reader) -> None:
    weighing = SupportJudge(reader, {"zh": SURE, "en": NEVER})
    assert weighing.supports(PARAPHRASE, [SOURCE])
    assert not weighing.supports("Qinghe sent out 1,800 officials.", [SOURCE])


def test_a_wrong_figure_falls_whatever_the_judge_says(reader: Reader) -> None:
    assert not Verifier(judge(reader, SURE)).verify("青禾县选派驻村第一书记2800余名。", evidence(QUOTE)).ok


def test_a_verbatim_sentence_stands_whatever_the_judge_says(reader: Reader) -> None:
    assert Verifier(judge(reader, NEVER)).verify(QUOTE, evidence(QUOTE)).ok


def test_a_derived_figure_is_shown_where_the_judge_overrules_words(reader: Reader) -> None:
    claim = "也就是说，全镇的饮用井数目减少了75座。"
    assert not RULES.verify(claim, evidence("全镇水井由268座减少至193座。")).ok
    verdict = Verifier(judge(reader, SURE)).verify(claim, evidence("全镇水井由268座减少至193座。"))
    assert verdict.ok
    assert verdict.derived


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (None, "can't be read"),
        ("{", "no calibration"),
        ({"thresholds": {"zh": "high", "en": 0.0}, "penalties": {}}, "no calibration"),
        ({"thresholds": {"zh": 0.0}, "penalties": {}}, "no calibration"),
        ({"thresholds": {"zh": 0.0, "en": 0.0}, "penalties": [1]}, "no calibration"),
        ({"thresholds": {"zh": 0.0, "en": 0.0}, "penalties": {}}, "other weights"),
    ],
)
def test_a_calibration_that_is_missing_damaged_or_foreign_is_named(
    tmp_path: Path, reader: Reader, change: object, names: str
) -> None:
    path = save_tiny_reader(tmp_path / "tiny.npz")
    calibration = path.with_suffix(".json")
    if change is None:
        calibration.unlink()
    elif isinstance(change, str):
        calibration.write_text(change, encoding="utf-8")
    else:
        value = json.loads(calibration.read_text("utf-8")) | {"weights_sha256": "other"} | dict(change)  # type: ignore[call-overload]
        calibration.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(RankerError, match=names) as caught:
        SupportJudge.load(tmp_path, path)
    assert "QA_RANKER=linear" in str(caught.value)


def test_claims_that_were_read_are_remembered(tmp_path: Path) -> None:
    path = save_tiny_reader(tmp_path / "tiny.npz")

    class Counting(Reader):
        read = 0

        def log_odds(self, passages: Sequence[object]) -> list[np.ndarray]:  # type: ignore[override]
            self.read += 1
            return super().log_odds(passages)  # type: ignore[arg-type]

    counting = Counting.load(path, tmp_path)
    one = judge(counting)
    assert one.log_odds(PARAPHRASE, [SOURCE]) == one.log_odds(PARAPHRASE, [SOURCE])
    assert counting.read == 1
