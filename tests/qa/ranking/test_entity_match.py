"""Which type of entity is asked for, and whether a sentence names one."""

from __future__ import annotations

import pytest

from qa.question.analysis import analyse
from qa.ranking import entity_match
from qa.text.names import people
from vectorstore.text.words import normalise


@pytest.mark.parametrize(
    ("question", "entity_type"),
    [
        ("谁当主任？", "谁"),
        ("7名书记都是谁？", "谁"),
        ("在哪条街上？", "街"),
        ("入选的是哪几个镇？", "镇"),
        ("有哪些村入选了？", "村"),
        ("那7个社区是哪几个？", "社区"),
        ("跟哪家公司合作？", "公司"),
        ("公司是什么时候成立的？", ""),
        ("谁的党员多？", ""),  # a comparison names what it asks for
        ("哪年成立的？", ""),
        ("服务品牌叫什么？", "名：服务品牌"),
        ("村支书叫什么名字？", "谁"),
        ("指尖课堂是谁搞的？", ""),  # the document's subject, which its sentences need not name
        ("五个地方里谁做得早？", ""),
    ],
)
def test_the_type_asked_for(question: str, entity_type: str) -> None:
    assert analyse(question).entity_type == entity_type


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("在哪个镇试点？", "2023年在新盛镇试点", 1.0),
        ("在哪个镇试点？", "整镇推进，各镇都做", 0.0),
        ("新盛镇之后是哪个镇？", "新盛镇之后还要扩大", 0.0),
        ("哪些村请了经理？", "友谊村请了经理", 1.0),
        ("哪些村请了经理？", "农村集体经济请了12名经理，全村受益", 0.0),
        ("跟哪些大学合作？", "与西南财经大学合作", 1.0),
        ("收购了哪家公司？", "收购优质电子有限公司", 1.0),
        ("收购了哪家公司？", "收购了腾讯", 0.3),  # a company's name may not say that it is one
        ("谁负责？", "由李建国负责", 1.0),
        ("谁负责？", "由社区书记负责", 0.3),
        ("谁负责？", "2023年完成", 0.0),
        ("柳某某的律师是谁？", "柳某某不服", 0.0),
        ("柳某某的律师是谁？", "辩护人禹某某", 1.0),
        ("有哪些措施？", "三项措施", 0.5),
        ("去了哪个省？", "到浙江驻外招商", 1.0),
        ("去了哪个省？", "围绕城市建设开展培训", 0.0),
        ("派的是谁？", "开展“青蓝工程”培训", 0.0),
        ("服务品牌叫什么？", "树立“继光精神”党员服务品牌", 1.0),
        ("服务品牌叫什么？", "开展“双报到”，三年以来逐步打响了服务品牌", 0.5),
        ("服务品牌叫什么？", "打响服务品牌", 0.3),
        ("Who took over?", "We thanked the Senior Independent Director.", 0.0),
        ("Who chairs the board?", "Dame Ruth Alder chairs the board.", 1.0),
        ("Who chairs the board?", "The board has nine members.", 0.0),
    ],
)
def test_named(question: str, text: str, named: float) -> None:
    asked = analyse(question)
    assert entity_match.named(asked.entity_type, normalise(text), normalise(question), people(text)) == named
