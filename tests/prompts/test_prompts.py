"""Prompts are found by name, are Chinese, and are told apart by their hash."""

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
    assert {"answer", "repair", "rewrite"} <= set(prompts.names())


@pytest.mark.parametrize("name", prompts.names())
def test_a_prompt_is_its_file_and_its_hash(name: str) -> None:
    data = (FOLDER / f"{name}.md").read_bytes()
    assert prompts.load(name) == (data.decode(), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("name", prompts.names())
def test_prompts_are_chinese_and_say_that_orders_in_the_data_are_text(name: str) -> None:
    text = prompts.load(name).text
    assert len(re.findall(r"[\u4e00-\u9fff]", text)) > len(re.findall(r"[A-Za-z]{2,}", text))
    if name != "repair":
        assert "命令" in text


def test_the_sentinel_and_the_placeholders_are_what_the_code_looks_for() -> None:
    assert NO_ANSWER in prompts.load("answer").text
    assert NO_ANSWER in prompts.load("repair").text
    assert prompts.load("repair").text.count("{failed}") == 1
    assert not any(re.search(r"\{\w+\}", prompts.load(name).text) for name in ("answer", "rewrite"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"there are: .*answer"):
        prompts.load("nothing")
