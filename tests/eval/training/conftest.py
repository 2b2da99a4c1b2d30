"""Written pairs over small documents of the tests' own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.training.reader.pairs import Document, read_pairs

DOCUMENTS = (
    ("zh", "柳湾水库简报", "2023年柳湾水库蓄水量为412万吨。\n全年供水天数为310天。\n水库由县水务局管理。"),
    ("zh", "青石镇食堂通知", "食堂早上7点开门。\n午饭每份12元。\n周日不开放。"),
    (
        "en",
        "Hillside allotments",
        "A plot costs £40 a year.\nThe gate opens at 8 in the morning.\nNo dogs.",
    ),
    ("en", "Tarn ferry", "The ferry carried 5,200 people in 2022.\nTickets cost £3.\nIt does not sail on Sundays."),
)
ASKED = {
    "柳湾水库简报": (
        ("2023年蓄水多少？", "2023年柳湾水库蓄水量为412万吨。", "2021年蓄水多少？", "year"),
        ("水库归谁管", "水库由县水务局管理。", "水库花了多少钱", "attribute"),
    ),
    "青石镇食堂通知": (
        ("食堂几点开门？", "食堂早上7点开门。", "食堂几点关门？", "attribute"),
        ("午饭多少钱", "午饭每份12元。", "晚饭多少钱", "subject"),
    ),
    "Hillside allotments": (
        ("How much is a plot?", "A plot costs £40 a year.", "How large is a plot?", "attribute"),
        ("when does the gate open", "The gate opens at 8 in the morning.", "when does the gate close", "attribute"),
    ),
    "Tarn ferry": (
        ("how many passengers in 2022", "The ferry carried 5,200 people in 2022.", "how many in 2021", "year"),
        ("what is the fare", "Tickets cost £3.", "what is the fare for a car", "subject"),
    ),
}


@pytest.fixture
def documents(tmp_path: Path) -> list[Document]:
    """Return four documents with two pairs each, through a file as they are kept."""
    lines = []
    for number, (language, title, text) in enumerate(DOCUMENTS):
        pairs = [dict(zip(("question", "answer", "near_miss", "change"), pair, strict=True)) for pair in ASKED[title]]
        lines.append({"id": f"d{number}", "lang": language, "title": title, "text": text, "pairs": pairs})
    folder = tmp_path / "pairs"
    folder.mkdir()
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "one.jsonl").write_text(text + '{"id": "half', encoding="utf-8")
    return read_pairs([folder])
