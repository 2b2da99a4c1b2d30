"""The reader that ships: it loads, says who made its data, and tells what a text states from what it doesn't."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.pipeline import QA, build
from qa.reader.model import WEIGHTS
from qa.settings import Settings
from vectorstore.library import Library
from vectorstore.reading import RawDocument

MOST_BYTES = 10_000_000
NOTICES = {
    "badge.txt": "Contractors wear a yellow badge.",
    "plots.txt": "Allotment rules\n\nResidents over 18 may rent a plot. The rent is £42 a year.",
    "shuiwu.txt": "西塘镇水务简报\n\n西塘镇全年供水量为412万吨，管网漏损率为9.8%。",
    "shuguan.txt": "松溪县图书馆公告\n\n每证可借图书10册，借期30天。逾期每册每天收取0.1元。",
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("shipped")
    with Library.open(folder / "library", library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in NOTICES.items()])
        yield build(Settings(data_dir=folder, answerer="extractive", ranker="reader"), opened)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What do contractors wear?", "yellow badge"),
        ("西塘镇的供水量有多少？", "412万吨"),
        ("一张证能借几本书？", "10册"),
    ],
)
def test_it_answers_what_a_notice_states(reader: QA, question: str, answer: str) -> None:
    assert answer in reader.ask(question).answer


@pytest.mark.parametrize("question", ["上海市全年供水量是多少？", "图书馆有多少藏书？", "What do visitors wear?"])
def test_it_refuses_what_only_looks_alike(reader: QA, question: str) -> None:
    assert reader.ask(question).abstained


def test_weights_calibration_and_card_belong_together() -> None:
    calibration = json.loads(WEIGHTS.with_suffix(".json").read_text("utf-8"))
    card = WEIGHTS.with_suffix(".md").read_text("utf-8")
    assert calibration["weights_sha256"] in card
    assert "CC BY-SA 4.0" in card
    assert Path(WEIGHTS).stat().st_size <= MOST_BYTES
