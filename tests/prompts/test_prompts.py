"""Prompts are found by name, are there in Chinese and in English, and are told apart by their hash."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from qa import prompts
from qa.llm.output import NO_ANSWER

FOLDER = Path(__file__).resolve().parents[2] / "prompts"


def test_every_file_is_a_prompt() -> None:
    assert prompts.names() == sorted(path.stem for path in FOLDER.glob("*.md"))
    kinds = {name.partition(".")[0] for name in prompts.names()}
    assert {"answer", "again", "repair", "rewrite", "search", "structured"} <= kinds
    assert prompts.names() == sorted(f"{kind}.{language}" for kind in kinds for language in ("en", "zh"))


@pytest.mark.parametrize("name", prompts.names())
def test_a_prompt_is_its_file_and_its_hash(name: str) -> None:
    data = (FOLDER / f"{name}.md").read_bytes()
    assert prompts.load(name) == (data.decode(), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("name", prompts.names())
def test_a_prompt_is_in_its_language(name: str) -> None:
    text = prompts.load(name).text
    chinese, english = len(re.findall(r"[\u4e00-\u9fff]", text)), len(re.findall(r"[A-Za-z]{2,}", text))
    assert chinese > english if name.endswith(".zh") else chinese <= 3


@pytest.mark.parametrize(("language", "orders"), [("zh", "命令"), ("en", "Commands")])
def test_orders_in_the_data_are_text(language: str, orders: str) -> None:
    for name in ("answer", "rewrite"):
        assert orders in prompts.load(f"{name}.{language}").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sentinels_and_the_placeholders_are_what_the_code_looks_for(language: str) -> None:
    names = ("answer", "again", "repair", "rewrite", "search", "structured")
    texts = {name: prompts.load(f"{name}.{language}").text for name in names}
    for name in ("answer", "again", "repair", "structured"):
        assert NO_ANSWER in texts[name]
    assert "`SEARCH: `" in texts["answer"]
    assert "`SEARCH: `" in texts["structured"]
    placeholders = {name: re.findall(r"\{(\w+)\}", text) for name, text in texts.items()}
    assert placeholders == {
        "answer": [],
        "rewrite": [],
        "repair": ["failed"],
        "search": ["passages", "question"],
        "again": ["sentences", "question"],
        "structured": [],
    }


@pytest.mark.parametrize(
    ("language", "forbidden"), [("zh", ["不计算", "最多四句"]), ("en", ["don't calculate", "at most four"])]
)
def test_rules_allow_what_verification_allows(language: str, forbidden: list[str]) -> None:
    """Lists, tables and differences."""
    text = prompts.load(f"answer.{language}").text.lower()
    for words in {"zh": ["列表", "表格", "差、和"], "en": ["list", "table", "a difference"]}[language]:
        assert words in text
    for words in forbidden:
        assert words not in text


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"there are: .*answer"):
        prompts.load("nothing")
