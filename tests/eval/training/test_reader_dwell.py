"""Dwelling on what a reader has yet to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eval.training.reader import groups as records
from eval.training.reader.dwell import chosen_of, dwell
from eval.training.reader.encode import Encoded, encode_groups, tokenizer
from eval.training.reader.groups import Group, LabelledPassage
from qa.reader.model import WEIGHTS

RIGHT = LabelledPassage("云溪县2023年工作报告", "教育", ("2023年全县共有小学42所。", "新增学位1802个。"), (1, 0))
ALIKE = LabelledPassage("云溪县2023年工作报告", "教育", ("2023年全县共有初中17所。",), (0,))
BESIDE = LabelledPassage("港口食品公司年报", "销售", ("The harbour shop sells fish.",), (0,))


def group(id: str, question: str, *passages: LabelledPassage) -> Group:
    return Group(id, "pairs", "zh", "plain", question, passages)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    known = group("known", "2023年云溪县共有多少所小学？", RIGHT, BESIDE)
    mislabelled = group("wrong", "2023年云溪县共有多少所小学？", RIGHT.unlabelled(), BESIDE)
    groups = [known, mislabelled, group("known too", "云溪县谁获得了诺贝尔奖？", ALIKE, BESIDE)]
    encode_groups(tokenizer(), groups).save(tmp_path / "train.npz")
    records.write(tmp_path / "train.jsonl.gz", groups)
    return tmp_path


def test_what_the_reader_gets_wrong_is_kept_without_the_passages_that_cost_nothing(data: Path, tmp_path: Path) -> None:
    found = dwell(WEIGHTS, tmp_path / "cache", data, tmp_path / "out", 0.5, 0.0, 0, 20)
    assert (found["read"], found["taken"]) == (3, 1)
    assert found["mean loss of these"] > 2 * found["mean loss"]
    (kept,) = records.read(tmp_path / "out" / "train.jsonl.gz")
    assert kept.id == "wrong"
    assert kept.passages == (RIGHT.unlabelled(),)
    encoded = Encoded.load(tmp_path / "out" / "train.npz")
    again = encode_groups(tokenizer(), [kept])
    for name in Encoded.__slots__:
        np.testing.assert_array_equal(getattr(encoded, name), getattr(again, name))


def test_some_of_what_is_known_is_kept() -> None:
    losses, sizes = np.arange(1000.0), np.full(1000, 10)
    hard = chosen_of(losses, sizes, 0.3, 0.0, 20)
    np.testing.assert_array_equal(hard, np.arange(700, 1000))
    both = chosen_of(losses, sizes, 0.3, 0.1, 20)
    assert set(hard) < set(both)
    assert 40 < len(both) - len(hard) < 100
