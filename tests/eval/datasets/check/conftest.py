"""A small sound question set over two small documents, for tests to plant defects in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.check import Finding, check

Rows = list[dict[str, Any]]

DOCUMENTS = {
    "east.txt": "东湖县全年修路120公里，投入3.5亿元。\n新建桥梁8座。\n着力推动旅\n\n湖边的风景。\n\n游业发展。\n",
    "west.txt": "西山区全年修路75公里。西山区种树２万棵，由林业站负责管护。\n",
}


def row(name: str, kind: str, split: str, question: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "split": split, "question": question, "answerable": True, **fields}


def quote(document: str, text: str) -> dict[str, str]:
    return {"document": f"{document}.txt", "quote": text}


@pytest.fixture
def sound() -> Rows:
    """Eight questions without a fault."""
    return [
        row(
            "fact-1",
            "single_fact",
            "dev",
            "东湖修了多少公里路？",
            answer="120公里。",
            must_contain=[["120"]],
            must_not_contain=["75公里"],
            evidence=[quote("east", "全年修路120公里")],
        ),
        row(
            "fact-2",
            "single_fact",
            "test",
            "西山栽了几棵树",
            answer="2万棵。",
            must_contain=[["2万棵", "两万棵"]],
            evidence=[quote("west", "种树２万棵")],
            note="derived: 两万棵",
        ),
        row(
            "break-1",
            "layout_break",
            "dev",
            "东湖着力推动什么业？",
            answer="旅游业发展。",
            must_contain=[["旅游业", "旅"]],
            evidence=[quote("east", "着力推动旅"), quote("east", "游业发展")],
            note="derived: 旅游业",
        ),
        row(
            "follow-1",
            "follow_up",
            "dev",
            "那西山呢？",
            history=[{"role": "user", "content": "东湖修了多少路"}, {"role": "assistant", "content": "120公里。"}],
            answer="75公里。",
            must_contain=[["75"]],
            evidence=[quote("west", "全年修路75公里")],
        ),
        row(
            "follow-2",
            "follow_up",
            "test",
            "那西山呢？",
            history=[{"role": "user", "content": "谁管护树木"}, {"role": "assistant", "content": "没有提到。"}],
            answer="林业站。",
            must_contain=[["林业站"]],
            evidence=[quote("west", "由林业站负责管护")],
        ),
        row("miss-1", "unanswerable_near_miss", "dev", "东湖有多少学校", answerable=False, answer="没有提到。"),
        row("miss-2", "unanswerable_near_miss", "test", "西山的人口", answerable=False, answer="没有提到。"),
        row(
            "premise-1",
            "unanswerable_false_premise",
            "test",
            "东湖为什么只造了3座桥",
            answerable=False,
            answer="是8座。",
            ok_if_contains=[["8座"]],
        ),
    ]


@pytest.fixture
def texts() -> dict[str, str]:
    """The two documents by name."""
    return DOCUMENTS


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def findings_of(tmp_path: Path, documents: Path) -> Callable[[Rows], list[Finding]]:
    def run(rows: Rows) -> list[Finding]:
        path = tmp_path / "set.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
        return check(path, documents)

    return run
