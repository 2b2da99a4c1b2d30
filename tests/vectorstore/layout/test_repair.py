"""What lines say about themselves: titles, headings, furniture, captions, labels, lists, tables, wrapped lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from vectorstore.layout import repair
from vectorstore.reading import read_file
from vectorstore.types import Block, BlockKind, Layout

PROSE = "县里出台若干措施，对新建生产线的企业给予补助，累计兑现资金二千多万元，引导小型加工厂联合重组。"


def texts(layout: Layout, kind: BlockKind) -> list[str]:
    return [block.text for block in layout.blocks if block.kind is kind]


def headings(layout: Layout) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in layout.blocks if block.kind is BlockKind.HEADING]


class TestTitles:
    def test_the_callers_title_wins(self) -> None:
        assert repair(f"# 文中标题\n\n{PROSE}", "  给定的\n标题 ").title == "给定的 标题"

    def test_a_first_line_that_stands_apart(self) -> None:
        layout = repair(f"某地： 多措并举促振兴\n\n{PROSE}\n\n{PROSE}")
        assert layout.title == "某地：多措并举促振兴"  # without the stray blank
        assert layout.blocks[0].kind is BlockKind.TITLE

    def test_a_title_with_a_year_is_no_label_with_its_value(self) -> None:
        assert repair(f"某市：2022年农业工作总结\n\n{PROSE}\n\n{PROSE}").blocks[0].kind is BlockKind.TITLE
        assert repair(f"日期：2022年3月16日\n\n{PROSE}\n\n{PROSE}").blocks[0].kind is BlockKind.PARAGRAPH

    def test_without_a_title_the_first_words(self) -> None:
        layout = repair(f"{PROSE}\n{PROSE}")
        assert layout.title == "县里出台若干措施，对新建生产线的企业给予补助，累计兑现资金二千多万元"
        assert texts(layout, BlockKind.TITLE) == []

    def test_a_forms_title_says_whom_it_is_about(self, data: Path) -> None:
        assert repair(read_file(data / "form.txt").text).title == "东湖县中心医院（林某某）"

    def test_english(self, data: Path) -> None:
        assert repair(read_file(data / "river_town.md").text).title == "Harbour District: A Quiet Year of Repairs"

    @pytest.mark.parametrize(
        "title",
        ["Home Office Annual Report 2023", "A Menu of Reforms", "移动客户端运营情况报告", "企业注册登记改革总结"],
    )
    def test_a_title_with_a_word_of_menus(self, title: str) -> None:
        layout = repair(f"{title}\n\n{PROSE}\n\n{PROSE}")
        assert (layout.title, texts(layout, BlockKind.TITLE)) == (title, [title])

    @pytest.mark.parametrize("text", ["", " \n\n ", "\n---\n"])
    def test_nothing(self, text: str) -> None:
        assert repair(text) == Layout("", (), raw=text)


class TestHeadings:
    def test_markdown_levels_count_from_two(self) -> None:
        layout = repair(f"# 题目\n\n### 小节\n\n{PROSE}\n\n## 大节 ##\n\n{PROSE}\n\n次节\n----\n\n{PROSE}")
        assert headings(layout) == [(3, "小节"), (2, "大节"), (2, "次节")]

    def test_plain_lines_between_paragraphs(self) -> None:
        layout = repair(f"某县振兴纪实\n\n{PROSE}\n\n夯实基础 强产业\n\n{PROSE}\n\n引才聚才 添活力\n\n{PROSE}")
        assert headings(layout) == [(2, "夯实基础 强产业"), (2, "引才聚才 添活力")]

    def test_numbers_make_headings_where_text_follows_and_items_where_not(self) -> None:
        layout = repair(f"# 报告\n\n一、总体情况\n\n{PROSE}\n\n（一）产业发展\n\n{PROSE}\n\n二、下一步\n\n{PROSE}")
        assert headings(layout) == [(2, "一、总体情况"), (3, "（一）产业发展"), (2, "二、下一步")]
        listed = repair(f"# 报告\n\n{PROSE}\n\n一、加强领导\n二、压实责任\n三、强化保障")
        assert headings(listed) == []

    def test_english_chapters_are_headings_and_a_list_is_none(self) -> None:
        text = "It cost more than planned. It was finished in May."
        layout = repair(
            f"Roads\n\n1. Overview\n\n{text}\n\n2. Costs\n{text}\n\n2.1 Labour\n{text}\n\n3. Outlook\n{text}"
        )
        assert headings(layout) == [(2, "1. Overview"), (2, "2. Costs"), (3, "2.1 Labour"), (2, "3. Outlook")]
        listed = repair(f"Roads\n\n{text}\n\n1. Tar\n2. Gravel\n3. Sand\n\n{text}")
        assert headings(listed) == []

    @pytest.mark.parametrize("line", ["3.5 million people vaccinated", "10.5 万吨小麦入库"])
    def test_an_amount_is_no_number_of_a_section(self, line: str) -> None:
        assert headings(repair(f"# T\n\n{PROSE}\n\n- {line}\n\n{PROSE}")) == []

    def test_bold_lines(self) -> None:
        layout = repair(f"**判决书**\n\n**公诉机关指控**：\n\n{PROSE}\n\n**审判长**：方某\n\n**本院认为**\n\n{PROSE}")
        assert [text for _, text in headings(layout)][-2:] == ["公诉机关指控：", "本院认为"]
        assert "审判长：方某" in texts(layout, BlockKind.PARAGRAPH)

    @pytest.mark.parametrize("date", ["（一九五二年三月一日）", "(2021年6月)"])
    def test_a_date_in_brackets_is_no_heading(self, date: str) -> None:
        layout = repair(f"# 论修渠\n\n### {date}\n\n修渠是大事。\n\n## 二○二一年工作回顾\n\n修渠三条。\n")
        assert headings(layout) == [(2, "二○二一年工作回顾")]
        assert texts(layout, BlockKind.PARAGRAPH)[0] == date

    def test_headings_below_paragraphs_that_end_in_a_figure(self) -> None:
        layout = repair(
            "Bridges\n\nThe programme began in the north of the country in 2019 and it will end there in 2025.\n\n"
            "Costs of the programme\n\nIt cost 12 million pounds, which was less than the plan of 2018.\n\n"
            "Staff of the programme\n\nNine people worked on it in the north of the country.\n"
        )
        assert [text for _, text in headings(layout)] == ["Costs of the programme", "Staff of the programme"]

    def test_data_in_headings_is_text(self) -> None:
        layout = repair(
            f"# 判决书\n\n## （2022）民初字第77号\n\n### 审判长：方某\n### 书记员：何某\n\n"
            f"## 事实\n\n{PROSE}\n\n## 附件"
        )
        assert headings(layout) == [(2, "事实")]
        assert {"（2022）民初字第77号", "审判长：方某", "书记员：何某", "附件"} <= set(
            texts(layout, BlockKind.PARAGRAPH)
        )


class TestFurniture:
    def test_a_web_page(self, data: Path) -> None:
        layout = repair(read_file(data / "web_page.txt").text)
        assert layout.title == "湖滨市北桥区：小厨房里的大民生"
        assert (layout.date, layout.source) == ("2023-05-12T09:08", "湖滨日报")
        assert len(texts(layout, BlockKind.FURNITURE)) == 9
        assert texts(layout, BlockKind.PARAGRAPH)[-1].endswith("物价部门每季度核价一次。")

    @pytest.mark.parametrize(
        ("line", "date", "source"),
        [
            ("2022-09-16 11:42来源:四方网", "2022-09-16T11:42", "四方网"),
            ("来源：四方日报 2021/3/5 08:09:10", "2021-03-05T08:09:10", "四方日报"),
            ("发布时间：2020年1月2日 【字体：大 中 小】", "2020-01-02", None),
            ("Published: March 5, 2023 | Source: The Harbour Post", "2023-03-05", "The Harbour Post"),
        ],
    )
    def test_date_and_source(self, line: str, date: str, source: str | None) -> None:
        layout = repair(f"某县振兴纪实\n{line}\n{PROSE}\n{PROSE}")
        assert (layout.title, layout.date, layout.source) == ("某县振兴纪实", date, source)
        assert [text.replace(" ", "") for text in texts(layout, BlockKind.FURNITURE)] == [line.replace(" ", "")]

    @pytest.mark.parametrize(
        "line",
        [
            "就诊日期：2021年5月14日 15:30",
            "时间：1月23日",
            "二〇二三年七月二十日",
            "主治医生：张医生",
            "联系电话：另行通知",
            "食品经营许可证已办理",
        ],
    )
    def test_content_stays_content(self, line: str) -> None:
        for text in (f"病历\n\n{line}\n{PROSE}", f"病历\n\n{PROSE}\n\n{line}"):
            assert texts(repair(text), BlockKind.FURNITURE) == []

    @pytest.mark.parametrize(
        "form",
        [
            "企业名称：江城食品有限公司\n注册资本：500万元\n食品经营许可证编号：JY15101040012345\n有效期至：2026年3月\n审核人：李四",
            "设备名称：三号锅炉\n检查结果：合格\n备案号：锅川A0012\n发布会时间：2023年5月1日 15:00\n校对：王五",
            "Device: Boiler 3\nResult: passed\nEditor: Jane Marsh",
            "Name: Jane Marsh\nPhone: 020 1234\nEmail: j@example.org",
        ],
    )
    def test_the_fields_of_a_form_are_no_furniture(self, form: str) -> None:
        assert texts(repair(form), BlockKind.PARAGRAPH) == form.split("\n")

    def test_a_footer_with_a_licence_is_furniture(self) -> None:
        footer = ["主办单位：某县融媒体中心", "互联网新闻信息服务许可证编号：51120230001", "备案号：蜀ICP备12号"]
        assert texts(repair("\n".join([f"某县振兴纪实\n\n{PROSE}\n\n{PROSE}", *footer])), BlockKind.FURNITURE) == footer

    @pytest.mark.parametrize(
        "line",
        [
            "By 31 March 2024 the pilot will cover 12 wards.",
            "By 31 March 2024 the pilot will cover 12 wards",
            "更新改造项目于2024年3月31日完工！",
        ],
    )
    def test_a_sentence_with_a_date_is_no_date_line(self, line: str) -> None:
        layout = repair(f"Pilot plan\n\n{PROSE}\n\n{line}\n\n{PROSE}")
        assert layout.date is None
        assert line in texts(layout, BlockKind.PARAGRAPH)

    def test_a_long_text_about_copyright_is_no_footer(self) -> None:
        text = "\n".join(
            f"Clause {number} grants you a copyright licence that no one may withdraw" for number in range(30)
        )
        assert texts(repair(text + "\nCopyright (c) 2020 The Authors\n" + text), BlockKind.FURNITURE) == []

    def test_a_single_line_is_never_furniture(self) -> None:
        line = "2022年1月2日 来源：新华社 某地举行活动"
        assert texts(repair(line), BlockKind.PARAGRAPH) == [line]


class TestCaptions:
    def test_by_words(self) -> None:
        text = f"{PROSE}\n\n图为志愿者在整理图书。\n\n{PROSE}\n\n▲滨江步道 李明 摄\n\n{PROSE}\n\n图3：产量变化"
        found = texts(repair(text), BlockKind.CAPTION)
        assert found == ["图为志愿者在整理图书。", "▲滨江步道 李明 摄", "图3：产量变化"]

    def test_markdown_images_keep_their_description(self) -> None:
        layout = repair(f"# 题\n\n{PROSE}\n\n![滨江步道](a.png)\n\n![](b.png)\n\n{PROSE}")
        assert texts(layout, BlockKind.CAPTION) == ["滨江步道"]

    def test_a_lead_finds_its_paragraph_behind_a_caption(self) -> None:
        lead, rest = (
            "壮大队伍。",
            "招募退休职工、学校师生担任民间河长，平均每周巡河一次，发现问题随手拍照上传，两天内办结。",
        )
        others = [f"{name}。{PROSE}" for name in ("改造管网", "严管排污", "办好学堂", "实行奖惩")]
        text = "\n\n".join(others) + f"\n\n{lead}\n\n\n\n志愿者在河边清理垃圾。\n\n{rest}"
        layout = repair(text)
        assert texts(layout, BlockKind.PARAGRAPH)[-1] == lead + rest
        assert texts(layout, BlockKind.CAPTION) == ["志愿者在河边清理垃圾。"]


class TestMarkup:
    def test_marks_are_left_out_and_nothing_else(self) -> None:
        layout = repair(
            "# 题\n\n- **原告**：方某，住[城东](http://a.b)`12`号\n> 引文一句。\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |"
        )
        assert texts(layout, BlockKind.PARAGRAPH) == ["原告：方某，住城东12号", "引文一句。", "甲 | 乙", "1 | 2"]

    @pytest.mark.parametrize(
        "line",
        [
            "联系电话：138****5678",
            "患者姓名：张**",
            "被告人李**，男，系某公司职工。",
            "Account 5101**********1234 was closed.",
            "There are 2**10 and 2**11 of them.",
            ">5 years: 23% of patients",
            ">=10年：占5%",
        ],
    )
    def test_what_stars_and_signs_say_stays(self, line: str) -> None:
        assert line in [block.text for block in repair(f"# T\n\n{PROSE}\n\n{line}").blocks]

    def test_bold_inside_a_line_and_bold_italics(self) -> None:
        bold = "请**务必**在**3月**前缴清。\n\nPay ***by March*** (**$5**).\n\n- Pay **in\n  cash**."
        text = f"# T\n\n{bold}\n\n张**男\n李**女"
        found = texts(repair(text), BlockKind.PARAGRAPH)
        assert found == ["请务必在3月前缴清。", "Pay by March ($5).", "Pay in", "cash.", "张**男", "李**女"]

    def test_code_is_taken_as_it_is(self) -> None:
        layout = repair("# T\n\n```\n# not a heading,\nx = **1**\n```\n\nDone here.")
        assert texts(layout, BlockKind.PARAGRAPH) == ["# not a heading,", "x = **1**", "Done here."]

    def test_spaced_letters_are_words(self) -> None:
        layout = repair("刑 事 判 决 书\n\n姓  名：方某   年    龄：40岁\n审判长：何某")
        assert [block.text for block in layout.blocks] == ["刑事判决书", "姓名：方某   年龄：40岁", "审判长：何某"]

    def test_bare_labels_lead_their_text(self, data: Path) -> None:
        found = texts(repair(read_file(data / "form.txt").text), BlockKind.PARAGRAPH)
        assert "主诉：右膝疼痛两周，上下楼加重" in found
        assert "体格检查：" in found  # what follows has a label of its own

    def test_a_number_that_does_not_count_on_is_no_item(self) -> None:
        text = f"会议回顾了党的十八、十九大以来的工作，学习了十八、\n\n十九、二十大精神，部署了下一步工作。{PROSE}"
        assert "十八、十九、二十大精神" in repair(text).blocks[0].text


class TestWrappedLines:
    ENGLISH = (
        "The district rebuilt fourteen kilometres of coastal road and strengthened\n"
        "four bridges. Work on the fifth bridge was put off because divers found\n"
        "cracks below the water line; a second survey is planned for the spring of\n"
        "next year.\n"
    )

    def test_english(self) -> None:
        layout = repair(self.ENGLISH + "\n" + self.ENGLISH)
        assert [block.text for block in layout.blocks] == [self.ENGLISH.strip()] * 2

    def test_chinese_lines_are_joined_without_a_blank(self) -> None:
        lines = [PROSE * 4][0]
        wrapped = "\n".join(lines[start : start + 38] for start in range(0, len(lines), 38))
        assert [block.text for block in repair(wrapped).blocks] == [lines]

    def test_indented_paragraphs_stay_apart(self) -> None:
        def wrap(text: str) -> str:
            body = "　　" + text
            return "\n".join(body[start : start + 30] for start in range(0, len(body), 30))

        layout = repair(wrap(PROSE * 3) + "\n" + wrap(PROSE * 2))
        assert [block.text for block in layout.blocks] == [PROSE * 3, PROSE * 2]

    def test_one_paragraph_a_line_is_not_wrapped(self) -> None:
        lines = [PROSE * count for count in (2, 3, 1, 4, 2)]
        assert [block.text for block in repair("\n".join(lines)).blocks] == lines

    def test_a_wrapped_line_may_begin_as_a_label_would(self) -> None:
        text = """\
The section cost £68.3 million, £5.1 million above budget. The overspend had two
causes: an old sewer under the street had to be moved, and the trams were late.
The second section, 3.2 kilometres with five stops, has not been begun since the
inquiry took four months longer than planned.
"""
        assert [block.text for block in repair(text).blocks] == [text.strip()]
        lines = [
            "该项目一期工程总投资比预算高出五千一百万元，经审计组核实，超支主要有两个",
            "原因：一是街道下方的旧排水管必须迁改，二是车辆交付比合同约定的时间要晚，",
            "且二期工程因听证会比原计划多开了四个月而推迟，预计明年下半年才能重新开工。",
        ]
        assert [block.text for block in repair("\n".join(lines * 3)).blocks] == ["".join(lines * 3)]

    def test_labels_below_a_full_line_stay_labels(self) -> None:
        text = "The audit looked at how fuel cards are issued, used and then taken back from people\nAuditor: Ann Lee\n"
        assert "Auditor: Ann Lee" in [block.text for block in repair(text * 4).blocks]

    def test_list_items_take_their_second_line(self) -> None:
        text = "- first item that is long enough to be wrapped by an editor\n  at sixty columns\n"
        assert [block.text for block in repair(text * 4).blocks] == [
            "first item that is long enough to be wrapped by an editor\nat sixty columns"
        ] * 4

    def test_marks_count_where_the_editor_that_wrapped_the_lines_saw_them(self) -> None:
        text = """\
- __A guide was what most of those who answered asked, and they put
  performance__ behind it. When asked how they would spend resources on that,
  on the compiler and the runtime, respondents spent the most on a guide and
  not on improvements, which shows how much documents are valued in this area
  of work.
- __Managing versions is the top challenge for those who maintain many open
"""
        first, _ = repair(text).blocks
        assert " ".join(first.text.split()).startswith(
            "A guide was what most of those who answered asked, and they put perf"
        )
        assert first.text.endswith("of work.")


class TestPrintedPages:
    """Wrapped lines with running heads, page numbers and captions between them."""

    @pytest.fixture
    def magazine(self, data: Path) -> Layout:
        return repair(read_file(data / "magazine_pages.txt").text)

    @pytest.fixture
    def report(self, data: Path) -> Layout:
        return repair(read_file(data / "annual_report_pages.txt").text)

    def test_heads_are_furniture(self, magazine: Layout, report: Layout) -> None:
        assert texts(magazine, BlockKind.FURNITURE) == [f"水乡月刊 2023.06 {page}" for page in (12, 13, 14)]
        found = [" ".join(text.split()) for text in texts(report, BlockKind.FURNITURE)]
        assert found.count("Coastwatch Trust") == 2
        assert found.count("Annual Report 2022/23") == 2
        assert sorted(set(found) - {"Coastwatch Trust", "Annual Report 2022/23"}) == [
            "3 Coastwatch Trust",
            "5 Coastwatch Trust",
            "Annual Report 2022/23 2",
            "Annual Report 2022/23 4",
        ]

    @pytest.mark.parametrize(
        "sentence",
        [
            "八栋房子一共开出客房64间。",  # across a caption
            "去年平均每人住了3.5天。",  # across a head
            "今年想再添两条腌制的流水线，把咸蛋也卖出去，钱已经凑得差不多了，",
            "从县城出发，先坐车到渡口，再换船，前后要两个多小时。",  # lines with figures are shorter by columns
        ],
    )
    def test_sentences_go_on_below(self, magazine: Layout, sentence: str) -> None:
        assert any(sentence in text for text in texts(magazine, BlockKind.PARAGRAPH))

    @pytest.mark.parametrize(
        "sentence",
        [
            "stood in for it and were\ncalled out nineteen times.",
            "has been held by\nIndependent Coxswains",
            "because its engine had to be replaced",  # a word divided at the end of a line
            "we came too late to a kayaker",  # and at the end of a page
            "want a two-year plan for it",  # a hyphen of its own
        ],
    )
    def test_english_sentences_too(self, report: Layout, sentence: str) -> None:
        assert any(sentence in text for text in texts(report, BlockKind.PARAGRAPH))

    def test_captions_stand_apart(self, magazine: Layout, report: Layout) -> None:
        assert texts(magazine, BlockKind.CAPTION) == ["图/何舟", "粮站的老门板被做成了茶桌，可以坐十二个人。"]
        assert texts(report, BlockKind.CAPTION) == ["Figure 1: Launches by month, April 2022 to March 2023"]

    def test_headings_that_count_are_no_heads(self) -> None:
        sections = [f"Section {number}\n\n{PROSE}\n\n{PROSE}\n\n{PROSE}" for number in range(1, 5)]
        assert texts(repair("\n\n".join(sections)), BlockKind.FURNITURE) == []


def test_a_menu_in_english_is_furniture() -> None:
    layout = repair(
        "Skip to content\nNorthwind Energy\nOur business | Sustainability | Investors | News | Careers | Contact us\n"
        "Home > Reports\nLess coal, more wind: how 2022 went\nPublished 18 April 2023\n\n"
        "Northwind supplies electricity to 300,000 customers. More than half of it came from wind.\n"
    )
    assert layout.title == "Less coal, more wind: how 2022 went"


def test_a_lower_case_beginning_goes_on_and_a_capital_does_not() -> None:
    text = (
        "The council heard that the works department had repaired most of the roads that the\n\n"
        "floods had broken in the winter of that year.\n\nAnother paragraph stands here."
    )
    assert [block.text for block in repair(text).blocks] == [
        "The council heard that the works department had repaired most of the roads that the\nfloods had broken in the "
        "winter of that year.",
        "Another paragraph stands here.",
    ]
    apart = "The council heard what the works department had done in the winter\n\nRepairs were finished in May."
    assert repair(apart).joins == ()


def test_blocks_say_where_they_stand(data: Path) -> None:
    raw = read_file(data / "judgment.md").text
    assert isinstance(repair(raw).blocks[0], Block)
    assert repair(raw).raw == raw
