"""Chinese follow-ups, and conversations that change between Chinese and English."""

from __future__ import annotations

import pytest

from qa.pipeline import QA
from qa.question.followups_chinese import replaced, stripped
from qa.types import Turn
from tests.qa.question.conftest import talk
from vectorstore.text.language import has_han

GRIDS = "松岭县建立了多少个网格？"
TEA = "松岭县2023年茶叶产量是多少？"
REVENUE = "What was Riverside's revenue in 2024?"


@pytest.mark.parametrize(
    ("turns", "shown", "quoted"),
    [
        ([TEA, "柳溪县呢？"], "柳溪县2023年茶叶产量是多少?", "2080吨"),
        ([TEA, "那2022年呢？"], "松岭县2022年茶叶产量是多少?", "1130吨"),
        ([TEA, "前一年呢？"], "松岭县2022年茶叶产量是多少?", "1130吨"),
        ([TEA, "苹果呢？"], "松岭县苹果有多少？", "840吨"),
        ([TEA, "核桃为什么减产？"], "松岭县核桃为什么减产？", "春季冻害"),
        ([GRIDS, "它有多少个行政村？"], "松岭县有多少个行政村？", "38个行政村"),
        ([GRIDS, "那边有多少个行政村？"], "松岭县有多少个行政村？", "38个行政村"),
        ([GRIDS, "网格员呢？"], "松岭县网格员有多少？", "175名"),
        ([GRIDS, "我说错了，应该是柳溪"], "柳溪建立了多少个网格?", "240个"),
        ([GRIDS, "谢谢！", "柳溪呢？"], "柳溪建立了多少个网格?", "240个"),
        ([GRIDS, "柳溪呢？", "哪个更多？"], "松岭县和柳溪哪个的网格更多？", "更多的是柳溪县"),
        ([GRIDS, "不，柳溪呢？"], "柳溪建立了多少个网格?", "240个"),
        ([GRIDS, "不是吧，我问的是柳溪"], "柳溪建立了多少个网格?", "240个"),
        ([GRIDS, "回到刚才的问题，柳溪呢"], "柳溪建立了多少个网格?", "240个"),
        ([GRIDS, "临江酱业的董事长是谁？"], "临江酱业的董事长是谁？", "沈棠"),
        (["柳溪县建立了多少个网格？", "化解率呢？"], "柳溪县化解率是多少？", "93.4%"),
        (["松岭县核桃减产了吗？", "为什么？"], "松岭县核桃减产了吗，为什么？", "春季冻害"),
        (["临江酱业有多少员工？", "其中销售人员有多少？"], "临江酱业其中销售人员有多少？", "410人"),
        (["谁牵头成立了民宿协会？", "丁岚牵头成立了民宿协会。[1]", "她是哪里人？"], "丁岚是哪里人？", "石桥村人"),
        (["我想问的是松岭的网格", "不对，我是问柳溪，你答成松岭了"], "柳溪的网格", "240个"),
    ],
)
def test_a_follow_up_is_understood(conversation: QA, turns: list[str], shown: str, quoted: str) -> None:
    answer = talk(conversation, turns)
    assert answer.standalone_question == shown
    assert quoted in answer.answer


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("松岭县有多少名网格员？都住在哪个乡镇？", "松岭县的网格员都住在哪个乡镇？"),
        ("松岭县有哪些合作社？均由哪个部门管理？", "松岭县的合作社均由哪个部门管理？"),
        ("松岭县有多少名网格员？都市农业有多大面积？", "松岭县都市农业有多大面积？"),
    ],
)
def test_they_all_are_those_just_counted(conversation: QA, question: str, asked: str) -> None:
    assert conversation.analyser.analyse(question).questions[1].text == asked


@pytest.mark.parametrize(
    ("before", "name", "asked"),
    [
        ("东湖新村会停水吗?", "市第二人民医院", "市第二人民医院会停水吗?"),
        ("北山县有几所小学?", "密山县", "密山县有几所小学?"),
        ("青浦区图书馆几点开门?", "松江区图书馆", "松江区图书馆几点开门?"),
        ("党员有多少?", "中江县", "中江县党员有多少?"),
        ("成都市到重庆市有多远?", "绵阳市", "绵阳市成都市到重庆市有多远?"),
    ],
)
def test_a_name_takes_the_place_of_one_that_no_document_goes_by(before: str, name: str, asked: str) -> None:
    assert replaced(before, [], name) == asked


@pytest.mark.parametrize(
    "question",
    [
        "不是本地户籍可以申请吗？",
        "不合格产品怎么处理？",
        "不满一年能休年假吗",
        "不动产登记在哪里办",
        "不对外开放的有哪些？",
        "好评率是多少？",
        "我在这里上班，不是本地户口可以申请吗",
        "不是本地户口，是否可以申请？",
    ],
)
def test_a_question_may_begin_with_a_word_of_refusal(question: str) -> None:
    assert stripped(question) == question


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("不是，柳溪呢", "柳溪呢"),
        ("不对不对，柳溪呢", "柳溪呢"),
        ("好的", ""),
        ("好啊柳溪呢", "柳溪呢"),
        ("应该是柳溪，不是松岭", "柳溪"),
    ],
)
def test_what_only_ties_it_to_the_conversation_is_cut(said: str, left: str) -> None:
    assert stripped(said) == left


@pytest.mark.parametrize("question", ["能不能提前退租？", "可否提前退租？"])
def test_whether_something_can_be_done_is_a_question_of_its_own(conversation: QA, question: str) -> None:
    assert "多少" not in talk(conversation, [GRIDS, question]).standalone_question


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("还有哪些农业补贴？", False),
        ("还有哪些县级部门？", False),
        ("还有哪些县也建了网格？", True),
        ("还有哪个地方建了网格？", True),
    ],
)
def test_others_are_asked_about_only_where_places_are(conversation: QA, question: str, others: bool) -> None:
    query = conversation.analyser.analyse(question, [Turn(role="user", content=GRIDS)])
    assert ("除了松岭" in query.standalone) == bool(query.without) == others


@pytest.mark.parametrize(
    ("question", "left_out"),
    [
        ("除了松岭县的财政补助，还有哪些资金来源？", 0),
        ("除了松岭县，还有哪些地方种茶？", 1),
        ("除了松岭县和柳溪县，还有哪里建了网格？", 2),
    ],
)
def test_names_by_themselves_leave_documents_out(conversation: QA, question: str, left_out: int) -> None:
    assert len(conversation.analyser.analyse(question).without) == left_out


@pytest.mark.parametrize("question", ["松岭县县长是谁？", "县长呢？"])
def test_a_post_is_somebody_and_not_a_number(conversation: QA, question: str) -> None:
    assert talk(conversation, [GRIDS, question]).standalone_question == "松岭县县长是谁？"


@pytest.mark.parametrize(
    "question",
    [
        "三个地方的行政村数量分别是多少",
        "2个县的行政村数量分别是多少？",
        "所有县的行政村数量是多少？",
        "每个县有多少个行政村？",
        "各县的茶叶产量分别是多少？",
    ],
)
def test_a_question_about_several_places_is_not_narrowed(conversation: QA, question: str) -> None:
    answer = talk(conversation, [GRIDS, question])
    assert answer.standalone_question == question
    assert {"songling.txt", "liuxi.txt"} <= {passage.document for passage in answer.passages[:6]}


@pytest.mark.parametrize("name", ["上海市", "红海市"])
def test_an_unknown_subject_is_asked_about_and_refused(reading: QA, name: str) -> None:
    answer = talk(reading, [GRIDS, f"{name}呢？"])
    assert answer.standalone_question == f"{name}建立了多少个网格?"
    assert answer.abstained


def test_words_keep_their_capitals(conversation: QA) -> None:
    assert talk(conversation, ["松岭县GDP是多少？", "柳溪县呢？"]).standalone_question == "柳溪县GDP是多少?"


@pytest.mark.parametrize(
    ("turns", "quoted"),
    [
        ([GRIDS, "What about Liuxi?"], "240个"),
        ([GRIDS, REVENUE], "$62 million"),
        ([REVENUE, "那Hillside呢？"], "$29 million"),
        ([REVENUE, "松岭县有多少个行政村？"], "38个行政村"),
        (["How many villages does Songling have?", "那柳溪呢？"], "51个行政村"),
        ([GRIDS, "How many paintings does Larkfield Museum hold?"], "5,400 paintings"),
    ],
)
def test_a_question_in_another_language_is_shown_as_typed(conversation: QA, turns: list[str], quoted: str) -> None:
    answer = talk(conversation, turns)
    assert answer.standalone_question == turns[-1]
    assert quoted in answer.answer


@pytest.mark.parametrize(
    "turns",
    [[GRIDS, "How many villages does it have?"], [GRIDS, "Why?"], [REVENUE, "为什么？"], [REVENUE, "它有多少居民？"]],
)
def test_nothing_made_of_two_languages_is_shown(conversation: QA, turns: list[str]) -> None:
    assert talk(conversation, turns).standalone_question == turns[-1]


def test_a_number_goes_on_in_the_language_of_the_conversation(conversation: QA) -> None:
    answer = talk(conversation, [TEA, "2022?"])
    assert has_han(answer.standalone_question)
    assert "1130吨" in answer.answer
