"""Where sentences end, in Chinese, English and both."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.text.sentences import bounds, split, split_text
from vectorstore.types import cut

SPLITS = [
    pytest.param("第一句。第二句！第三句？第四句", ["第一句。", "第二句！", "第三句？", "第四句"], id="full-stops"),
    pytest.param("他说：“走吧。”然后走了。", ["他说：“走吧。”", "然后走了。"], id="closing-quote-stays"),
    pytest.param("深入开展“我能！”主题活动。好。", ["深入开展“我能！”主题活动。", "好。"], id="mark-inside-a-name"),
    pytest.param("喊着“加油。”的口号前进。", ["喊着“加油。”的口号前进。"], id="quote-goes-on"),
    pytest.param(
        "实施培训；开展演练；建立台账。完。", ["实施培训；开展演练；建立台账。", "完。"], id="semicolons-stay"
    ),
    pytest.param("投入（含补助。共三笔）一万元。完", ["投入（含补助。共三笔）一万元。", "完"], id="inside-brackets"),
    pytest.param("他说（没说完。后来呢。", ["他说（没说完。", "后来呢。"], id="bracket-never-closed"),
    pytest.param("为什么？！因为……所以。", ["为什么？！", "因为……所以。"], id="ellipsis-and-double-marks"),
    pytest.param("增长3.5%。达到1.2万亿元。", ["增长3.5%。", "达到1.2万亿元。"], id="decimals"),
    pytest.param("见附件。[12]另有[3][4]。", ["见附件。[12]", "另有[3][4]。"], id="notes-stay"),
    pytest.param(
        "全市达318个,有效破解难题. 全部完成", ["全市达318个,有效破解难题.", "全部完成"], id="half-width-marks"
    ),
    pytest.param(
        "梁的承载力提高了３．５％．下一步做疲劳试验．",
        ["梁的承载力提高了３．５％．", "下一步做疲劳试验．"],
        id="full-width-points-that-end",
    ),
    pytest.param(
        "诺贝尔经济学奖得主约翰．纳什做了报告。", ["诺贝尔经济学奖得主约翰．纳什做了报告。"], id="and-that-do-not"
    ),
    pytest.param("获奖者为美国经济学家约翰．纳什", ["获奖者为美国经济学家约翰．纳什"], id="in-a-name-alone"),
    pytest.param("看 https://a.b/c?d=1&e=2 即可。好！", ["看 https://a.b/c?d=1&e=2 即可。", "好！"], id="address"),
    pytest.param(
        "Dr. Marsh paid 3.5 million. The U.S. agency, Acme Inc., paid 2.1. See Fig. 3 for more.",
        ["Dr. Marsh paid 3.5 million.", "The U.S. agency, Acme Inc., paid 2.1.", "See Fig. 3 for more."],
        id="english-abbreviations",
    ),
    pytest.param(
        "He works at Acme Inc. She left.", ["He works at Acme Inc.", "She left."], id="abbreviation-at-the-end"
    ),
    pytest.param("1. First item. 2. Second item.", ["1. First item.", "2. Second item."], id="ordinals"),
    pytest.param("#. First item. #. Second one!", ["#. First item.", "#. Second one!"], id="marks-of-items"),
    pytest.param('"Go." He left. "Why?" she asked.', ['"Go."', "He left.", '"Why?" she asked.'], id="straight-quotes"),
    pytest.param("It rose by 5... then fell. Good.", ["It rose by 5... then fell.", "Good."], id="dots"),
    pytest.param("J. R. Smith spoke. It ended.", ["J. R. Smith spoke.", "It ended."], id="initials"),
    pytest.param("第一行\n第二行。第三行", ["第一行", "第二行。", "第三行"], id="lines-end-sentences"),
    pytest.param("  前后有空白。  \t下一句。 ", ["前后有空白。", "下一句。"], id="white-space-goes"),
    pytest.param("", [], id="empty"),
    pytest.param("。。。", ["。。。"], id="nothing-but-marks"),
]


@pytest.mark.parametrize(("text", "expected"), SPLITS)
def test_splits(text: str, expected: list[str]) -> None:
    assert split_text(text) == expected


@pytest.mark.parametrize("marks", ["? ", "?? ??? ", "。 ", "…… "])
def test_a_text_of_marks_alone_takes_linear_time(marks: str) -> None:
    """As from a file that was read in the wrong encoding: an hour, were each mark read again for the next one."""
    begun = time.process_time()
    assert len(bounds(marks * (400_000 // len(marks)))) == 1
    assert time.process_time() - begun < 30


def test_a_long_quotation_is_a_speech() -> None:
    speech = "我们要把工作做细做实，把好事办好。" * 9
    assert len(split_text(f"会议强调：“{speech}”大家都同意。")) > 5


def test_a_sentence_over_two_spans_is_whole() -> None:
    raw = "干部坚定信\n\n插图说明。\n\n心、鼓足干劲。下一句。"
    spans = ((0, 5), (raw.index("心"), len(raw)))
    first, second = split(cut(raw, spans), spans)
    assert (first.text, second.text) == ("干部坚定信心、鼓足干劲。", "下一句。")
    assert first.spans == ((0, 5), (raw.index("心"), raw.index("下")))
    assert cut(raw, second.spans) == second.text


TEXT = st.text(st.sampled_from("甲乙丙丁。！？；，、：“”‘’（）()《》.!? \n\"'aB1…[]的😀"), max_size=120)


@settings(deadline=None)
@given(TEXT)
def test_bounds_are_ordered_and_leave_only_white_space(text: str) -> None:
    end = 0
    for left, right in bounds(text):
        assert end <= left < right
        assert text[left:right] == text[left:right].strip()
        assert not text[end:left].strip()
        end = right
    assert not text[end:].strip()


@settings(deadline=None)
@given(TEXT, st.integers(0, 20), st.integers(0, 20))
def test_sentences_cut_out_of_the_raw_text(text: str, before: int, hole: int) -> None:
    middle = len(text) // 2
    raw = "x" * before + text[:middle] + "y" * hole + text[middle:]
    spans = ((before, before + middle), (before + middle + hole, len(raw)))
    for sentence in split(text, spans):
        assert cut(raw, sentence.spans) == sentence.text


@settings(deadline=None)
@given(TEXT)
def test_a_sentence_is_one_sentence(text: str) -> None:
    for sentence in split_text(text):
        assert "".join(split_text(sentence)).replace(" ", "") == sentence.replace(" ", "")
