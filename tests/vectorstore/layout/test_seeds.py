"""The five reports: every sentence that the layout broke is read whole, and no two sentences are joined wrongly."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.reading import read_file
from vectorstore.text.sentences import split
from vectorstore.types import BlockKind, Layout, cut

# Every seam of the five reports, by the file's first three digits: the words around it, whole and as they stand.
# "|" is the seam; a letter in [] stands doubled in the raw text; a letter in {} is lost from it.
SEAMS = {
    "000": [
        "引导全县党员干部坚定信|心、鼓足干劲，凝聚起推动中江高质量发展的磅礴力量。",
        "累计选派驻村第一书记|和工作队员2300余名，组织6300余名干部开展结对帮扶",
        "扎实推进城乡接合部社区治理、补短提质和亲民化改造工程，21个|城市社区党群服务中心面积全面达标",
        "聚焦组织扩面、队伍赋能、服务提质，着力推动党建|与发展深度融合、同频共振",
    ],
    "001": [],
    "002": [
        "严格执行《关于新形势下党内政治|生活的若干准则》,贯彻民主集中制",
        "出台《关于推进社区专职工作者队伍职业化建设加|强党建引领社区治理的实施意见(试行)》",
        "向31个村级班子发放红黄蓝预警|通知,调整2名村党组织书记",
    ],
    "003": [
        "确保党既是组织上的统一体，又是思想上的统一体，有效|推动党员干部把党的创新理论转化为推进伟大事业的实践力量。",
        "定期组织开展“强村讲|堂”和现场拉练，持续落实承诺践诺行动。",
        "九龙镇入选全国“枫桥式工作法”|单位。",
        "设立岗位创新奖，每年评选30名优秀|村（社区）书记给予5000元奖励。",
    ],
    "004": [
        "组建“旌城先锋党员突击队”52支，全|覆盖打造党代表之家、党代表工作站",
        "开展主题培训、实地参访、社区书记沙龙|等17期，全区持证社工345人",
        "支持党组织健全、管理规范的社会|[会]服务机构优先承接政府购买服务项目25个",
        "通过资源变资产、资金变股金、农民变股东，成立股|{份}经济合作社和土地、劳务、旅游、置业股份合作社",
        "根据各村需求，链接院校资|源，开设种植养殖技术、农村电商、乡村旅游等20余类课程",
        "推进农村党建与产业兴旺深度融合，持续开展|“红色信贷”“红色保险”，精准制定了助村贷",
    ],
}
# A run-in lead that a caption cut off from its paragraph: two sentences, one paragraph.
LEADS = {"002": ["建强城市党组织架构。|全面推行“乡镇党委—社区党委—小区党组织"]}
CAPTIONS = {
    "000": ["德阳市中江县产业书记领航员助力集体经济产业兴旺。", "德阳市中江县现代农业产业园区景观。"],
    "001": [],
    "002": ["德阳市罗江区2023年基层党员示范班(第二期)开班。", "德阳市罗江区社区网格员开展反电信诈骗宣传活动。"],
    "003": [
        "绵竹市实行村级党组织书记专业化管理。",
        "绵竹市深耕集体经济沃土，以项目为抓手推进乡村振兴高质量发展。",
    ],
    "004": ["德阳市旌阳区为“旌城先锋”颁奖。"],
}
TITLES = {
    "000": "中江县：固本强基促发展 锐意进取创新局",
    "001": "砥砺奋进这十年 广汉党建谱新篇",
    "002": "罗江区：多措并举持续发力 基层治理升质提速",
    "003": "绵竹市：初心如磐践使命 奋勇争先启新程",
    "004": "旌阳区：党建引领聚合力 奋楫笃行开新篇",
}
HEADINGS = {
    "000": ["凝心铸魂 强化思想理论武装", "夯基固本 筑牢基层战斗堡垒", "党建引领 注入红色发展动能"],
    "001": ["固本强基,全域党建实现新突破", "守正创新,塑造广汉党建新品牌", "披荆斩棘,展现组工干部新担当"],
    "002": [
        "以“首位首要”的意识 强化政治统领",
        "以“深抓长抓”的韧劲 夯实基层基础",
        "以“更优更好”的标准 促进乡村振兴",
    ],
    "003": ["凝心铸魂 筑牢思想理论根基", "夯基固本 筑牢基层战斗堡垒", "专业赋能 建强基层头雁队伍"],
    "004": [
        "强基铸魂 把准思想“定盘星”",
        "联动赋能 夯实基层聚力点",
        "乡村振兴 改革激活“动力源”",
        "提质增效 实现服务“零距离”",
    ],
}
# In whose section a paragraph of the report with disordered columns belongs.
SECTIONS_004 = {
    "构建权责明晰的体制机制。": "联动赋能 夯实基层聚力点",
    "会服务机构优先承接": "联动赋能 夯实基层聚力点",
    "服务机构优先承接政府购买服务项目": "联动赋能 夯实基层聚力点",
    "加大改革力度。": "乡村振兴 改革激活“动力源”",
    "置业股份合作社": "乡村振兴 改革激活“动力源”",
    "强化智力支撑。": "乡村振兴 改革激活“动力源”",
    "壮大集体经济。": "乡村振兴 改革激活“动力源”",
    "精准制定了助村贷": "乡村振兴 改革激活“动力源”",
    "搭建服务平台。": "提质增效 实现服务“零距离”",
    "办好民生微实事。": "提质增效 实现服务“零距离”",
}
ALL = sorted(SEAMS)


@pytest.fixture(scope="module")
def raw(seeds_dir: Path) -> dict[str, str]:
    return {path.name[:3]: read_file(path).text for path in sorted(seeds_dir.glob("*.txt"))}


@lru_cache
def layout_of(text: str) -> Layout:
    return repair(text)


def sentences_of(text: str) -> list[str]:
    return [sentence.text for block in layout_of(text).blocks for sentence in split(block.text, block.spans)]


def expected_joins(raw: str, seams: list[str]) -> set[tuple[int, int]]:
    """Return the seams' offsets in the raw text."""
    found = set()
    for seam in seams:
        left, right = seam.split("|")
        drop = right[1] if right[0] == "[" else ""
        right = right.removeprefix(f"[{drop}]").removeprefix("{份}")
        end, start = raw.index(left) + len(left), raw.index(drop + right)
        found.add((end, start))
    return found


@pytest.mark.parametrize("number", ALL)
def test_every_broken_sentence_is_whole(raw: dict[str, str], number: str) -> None:
    sentences = sentences_of(raw[number])
    for seam in SEAMS[number]:
        left, right = seam.split("|")
        whole = left + right.removeprefix("[会]").removeprefix("{份}")
        assert any(whole in sentence for sentence in sentences), whole


@pytest.mark.parametrize("number", ALL)
def test_nothing_else_is_joined(raw: dict[str, str], number: str) -> None:
    expected = expected_joins(raw[number], SEAMS[number] + LEADS.get(number, []))
    assert set(layout_of(raw[number]).joins) == expected


def test_a_lead_finds_its_paragraph_and_stays_a_sentence(raw: dict[str, str]) -> None:
    block = next(block for block in layout_of(raw["002"]).blocks if block.text.startswith("建强城市党组织架构。"))
    assert block.text.startswith("建强城市党组织架构。全面推行“乡镇党委")
    assert split(block.text, block.spans)[0].text == "建强城市党组织架构。"


@pytest.mark.parametrize("number", ALL)
def test_captions_are_captions(raw: dict[str, str], number: str) -> None:
    blocks = layout_of(raw[number]).blocks
    assert [block.text for block in blocks if block.kind is BlockKind.CAPTION] == CAPTIONS[number]
    for sentence in sentences_of(raw[number]):
        assert sentence in CAPTIONS[number] or not any(caption in sentence for caption in CAPTIONS[number])


@pytest.mark.parametrize("number", ALL)
def test_title_and_headings(raw: dict[str, str], number: str) -> None:
    layout = layout_of(raw[number])
    headings = [block for block in layout.blocks if block.kind is BlockKind.HEADING]
    assert layout.title == TITLES[number]
    assert [block.text for block in headings] == HEADINGS[number]
    assert {block.level for block in headings} == {2}


def test_columns_out_of_order_are_put_under_their_headings(raw: dict[str, str]) -> None:
    passages = chunk(layout_of(raw["004"]))
    for words, section in SECTIONS_004.items():
        assert all(passage.section == section for passage in passages if words in passage.text), words
        assert words == "会服务机构优先承接" or any(words in passage.text for passage in passages), words


def test_columns_out_of_order_are_read_in_order(raw: dict[str, str]) -> None:
    text = "".join(block.text for block in layout_of(raw["004"]).blocks)
    order = [
        "完善多元参与",
        "推动社区发展",
        "加大改革力度",
        "推动数字乡村",
        "强化智力支撑",
        "壮大集体经济",
        "搭建服务平台",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_a_doubled_character_is_read_once(raw: dict[str, str]) -> None:
    layout = layout_of(raw["004"])
    text = "".join(block.text for block in layout.blocks)
    assert "社会服务机构优先承接" in text
    assert "社会会服务机构" not in text


def test_a_web_page_keeps_its_furniture_out_of_passages(raw: dict[str, str]) -> None:
    layout = layout_of(raw["001"])
    assert (layout.date, layout.source) == ("2022-09-16T11:42", "四川党建网")
    furniture = [block.text for block in layout.blocks if block.kind is BlockKind.FURNITURE]
    assert len(furniture) == 10
    assert "(供稿/中共广汉市委组织部)" in furniture
    passages = "\n".join(passage.text for passage in chunk(layout))
    for words in ("学习强国", "首页城市", "来源:四川党建网", "供稿", "编辑:张磊", "版权所有", "许可证"):
        assert words not in passages, words
    assert passages.endswith("工作成效和群众满意度迈上新台阶。")


@pytest.mark.parametrize("number", ALL)
def test_every_character_is_in_one_block_or_accounted_for(raw: dict[str, str], number: str) -> None:
    text = raw[number]
    used = [place for block in layout_of(text).blocks for span in block.spans for place in range(*span)]
    assert len(used) == len(set(used))
    left_out = "".join(text[place] for place in sorted(set(range(len(text))) - set(used)))
    assert set(left_out.replace("会", "", 1 if number == "004" else 0)) <= set("# \n\u3000")


@pytest.mark.parametrize("number", ALL)
def test_passages_hold_all_text_within_their_limit(raw: dict[str, str], number: str) -> None:
    layout = layout_of(raw[number])
    passages = chunk(layout)
    for passage in passages:
        assert cut(text := raw[number], passage.spans) == passage.text
        assert all(cut(text, sentence.spans) == sentence.text for sentence in passage.sentences)
        assert len(passage.text) <= 350 or len(split(passage.text, passage.spans)) <= 2  # a long sentence and its lead
    kept = "".join(passage.text for passage in passages)
    for block in layout.blocks:
        if block.kind is BlockKind.PARAGRAPH:
            assert all(sentence.text in kept for sentence in split(block.text, block.spans))
