"""Proper names in Chinese text."""

from __future__ import annotations

import re

import pytest

from vectorstore.text.names import ENTITY_TAGS, MASKED_NAME, NAME_TAGS, PERSON_TAGS, PLACE_TAGS, proper_names


def test_names_are_words_in_normal_form_and_in_order() -> None:
    assert proper_names("上海市的王小明去了廣漢市，又回到上海市。", PLACE_TAGS) == ["上海市", "广汉市", "上海市"]


def test_each_kind_of_name_can_be_asked_for() -> None:
    text = "李白在北京的中国银行谈诺贝尔奖"
    assert "北京" in proper_names(text, PLACE_TAGS)
    assert "李白" in proper_names(text, PERSON_TAGS)
    assert not set(proper_names(text, PLACE_TAGS)) & set(proper_names(text, PERSON_TAGS))
    assert set(proper_names(text, ENTITY_TAGS)) < set(proper_names(text))
    assert ENTITY_TAGS < NAME_TAGS


@pytest.mark.parametrize(("text", "name"), [("原告王某与", "王某"), ("王某某称", "王某某"), ("某公司", None)])
def test_masked_names(text: str, name: str | None) -> None:
    match = re.search(MASKED_NAME, text)
    assert (match and match[0]) == name
