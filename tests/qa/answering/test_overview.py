"""What stands for a section in an overview."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qa.pipeline import QA
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

CHINESE = f"""# 青山学校安全检查报告

## 一、基本情况

现将检查情况报告如下。检查组{"先后查看了食堂、宿舍和操场，" * 10}共用了三天。

## 二、检查情况

（一）消防安全。三个校区共有灭火器612具，全部合格。

## 三、隐患清单

| 校区 | 隐患 | 责任人 |
| --- | --- | --- |
| 滨江校区 | 灯具损坏 | 刘伟 |

## 四、处理情况

{"对上述问题逐项核实后作出如下处理决定，" * 6}责令限期整改；一并通报全区；检查费由学校承担。
"""
ENGLISH = f"""# Ledbury safety report

## Purpose

The findings are as follows. The inspectors {"looked at kitchens, halls and yards, and " * 9}left after three days.

## Findings

(a) Fire safety. The three sites have 612 extinguishers, all of which work.

## Hazards

| Site | Hazard | Owner |
| --- | --- | --- |
| Riverside | broken lamps | Liu Wei |

## Talks

The governors met the parents in the hall, heard what they had to say about lamps and stairs, and promised to come \
back to them with a plan before the summer holidays begin.
"""
NAMES = """青山县人民法院收到了原告的起诉状。原告请求支付货款三百万元。被告没有到庭。

法院查明双方签订了合同。被告没有付款。法院支持原告的请求。

审判长　　赵文斌

审判员　　孙丽华

书记员　　田甜
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    directory = tmp_path_factory.mktemp("overview")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        library.ingest([RawDocument.of("c.md", CHINESE), RawDocument.of("e.md", ENGLISH)])
        library.ingest([RawDocument.of("n.txt", NAMES, title="青山县人民法院判决书")])
        yield QA(library, Settings(answerer="extractive"))


@pytest.mark.parametrize(
    ("message", "document", "starts"),
    [
        (
            "总结一下",
            "c.md",
            ["检查组先后查看了", "三个校区共有灭火器612具", "校区 | 隐患 | 责任人\n滨江校区", "对上述问题逐项核实后"],
        ),
        (
            "Give me an overview",
            "e.md",
            ["The inspectors looked", "The three sites have", "Site | Hazard | Owner\nRiverside", "The governors met"],
        ),
    ],
)
def test_a_section_is_led_by_a_sentence_that_says_something(
    qa: QA, message: str, document: str, starts: list[str]
) -> None:
    said = [sentence.text for sentence in qa.ask(message, (), [document]).sentences]
    assert [text[: len(start)] for text, start in zip(said, starts, strict=True)] == starts
    assert not said[0][-1].isalpha() or document == "c.md"


def test_an_english_sentence_is_cut_between_words_and_later_than_a_chinese_one(qa: QA) -> None:
    said = [sentence.text for sentence in qa.ask("Give me an overview", (), ["e.md"]).sentences]
    assert said[0].rstrip()[-1] == ","
    assert said[3].endswith("holidays begin.")


def test_the_names_below_a_text_are_no_part_of_what_it_says(qa: QA) -> None:
    said = [sentence.text for sentence in qa.ask("总结一下", (), ["n.txt"]).sentences]
    assert said
    assert not any("赵文斌" in text or "田甜" in text for text in said)
