"""PDF files: reading order, paragraphs, headings, tables, and the place of each character."""

from __future__ import annotations

import random
import time

import pytest

from tests.support.pdf_files import WIDTHS, Page, pdf
from vectorstore.errors import EmptySource, UnreadableSource
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.places import PagePlace
from vectorstore.reading import Limits, RawDocument, ReadOptions
from vectorstore.reading.base import Source
from vectorstore.reading.pdf import PdfReader
from vectorstore.text.language import has_han
from vectorstore.types import cut

LEFT = [
    "The county built new roads in every town of the",
    "valley, and it kept the old ones open. The office",
    "counted 1,200 letters of thanks and answered the",
]
RIGHT = [
    "most urgent of them within a week of the day on",
    "which they came. Nobody was left without an answ-",
    "er, as the report of the year before had asked.",
]
CHINESE = [
    "全县新建蔬菜大棚一千二百个，带动农户三千户，发展了十二",
    "家合作社，建成冷库三座。各乡镇选派农技员驻村指导，培训",
    "农民五千人次。",
]
TABLE = [["Item", "2022", "2023"], ["Roads built", "12.5", "13.0"], ["Bridges", "3", "4"], ["Canals", "5", "6"]]


def read(pages: list[Page], **options: str) -> RawDocument:
    labels, password = options.get("labels", ""), options.get("password")
    data = pdf(pages, labels, password)
    (document,) = PdfReader().read(Source(data, "a.pdf", "a.pdf", ReadOptions(password=password)), pytest.fail)
    return document


def places(document: RawDocument, quote: str) -> tuple[PagePlace, ...]:
    assert document.places is not None
    start = document.text.index(quote)
    return document.places.of_spans([(start, start + len(quote))])


class TestText:
    def test_lines_of_a_paragraph_become_one_and_gaps_part_paragraphs(self) -> None:
        page = Page().lines(72, 700, [*LEFT[:2], "counted 1,200 letters."]).lines(72, 640, CHINESE)
        first, second = read([page]).text.split("\n\n")
        assert first == f"{LEFT[0]} {LEFT[1]} counted 1,200 letters."
        assert second == "".join(CHINESE)

    def test_columns_are_read_one_after_the_other_and_hyphens_at_line_ends_go(self) -> None:
        page = Page()
        for number in range(6):
            y = 700 - 12 * number
            page.text(72, y, [*LEFT, *LEFT][number]).text(330, y, [*RIGHT, *RIGHT][number])
        text = read([page]).text
        assert text.index("answered the most urgent") > text.index("roads in every town")
        assert "without an answer, as the report" in text
        assert text.count("answered the most urgent") == 1

    def test_a_title_over_both_columns_comes_first(self) -> None:
        page = Page().text(72, 760, "A Report on Roads and Bridges of the Valley", 18)
        for number in range(6):
            y = 700 - 12 * number
            page.text(72, y, [*LEFT, *LEFT][number]).text(330, y, [*RIGHT, *RIGHT][number])
        assert read([page]).text.startswith("# A Report on Roads and Bridges of the Valley\n\nThe county")

    def test_headings_are_ranked_by_size_and_bold_ones_come_last(self) -> None:
        page = Page().text(72, 780, "年度报告", 20).text(72, 740, "第一章 产业", 14).lines(72, 700, CHINESE)
        page.text(72, 640, "Roads", 10, bold=True).lines(72, 620, LEFT[:2])
        page.text(72, 560, "第二章 治理", 14).lines(72, 530, CHINESE)
        lines = [line for line in read([page]).text.splitlines() if line.startswith("#")]
        assert lines == ["# 年度报告", "## 第一章 产业", "### Roads", "## 第二章 治理"]

    @pytest.mark.parametrize("heading", ["Roads", "道路建设"])
    def test_a_font_is_bold_whose_name_says_so(self, heading: str) -> None:
        page = Page().text(72, 740, "Report", 20).text(72, 700, heading, bold=True).lines(72, 680, LEFT)
        data = pdf([page]).replace(b"/StemV 140 /FontWeight 700", b"/StemV  80 /FontWeight 400")
        (document,) = PdfReader().read(Source(data, "a.pdf", "a.pdf"), pytest.fail)
        assert document.text.splitlines()[:3] == ["# Report", "", f"## {heading}"]

    @pytest.mark.parametrize(
        ("first", "second", "third"),
        [
            ("LEDBURY TOWN COUNCIL", "Minutes of the meeting that was held on", "12 March 2024"),
            ("柳溪县审计局", "2023年度本级预算执行和其他财政收支的", "审计结果公告"),
        ],
    )
    def test_headings_at_the_top_that_are_as_large_as_no_other_are_one_title(
        self, first: str, second: str, third: str
    ) -> None:
        page = Page().text(72, 790, first, 20).text(72, 740, second, 20).text(72, 716, third, 20).lines(72, 690, LEFT)
        page.text(72, 620, "Roads", 14).lines(72, 600, LEFT)
        whole = second + third if third[-1] == "告" else f"{second} {third}"
        assert read([page]).text.startswith(f"# {first} {whole}\n\nThe county")
        other = Page().text(72, 740, "Bridges", 20).lines(72, 700, LEFT)
        assert read([page, other]).text.startswith(f"## {first}\n\n## {whole}\n\nThe county")

    @pytest.mark.parametrize(
        ("above", "below"),
        [
            ("and it was far better than our own target of", "63.0 Ml a year. All roads are open now."),
            ("全县新建蔬菜大棚一千二百个，带动农户，全年发放的补助达到", "63.5 万元，比上年增加。"),
            ("The members are Cllrs Abbott, Begum, J. Croft, and", "T. Fielding, R. Nwosu, P. Sands and L. Whitaker."),
        ],
    )
    def test_a_figure_or_an_initial_within_a_sentence_is_no_mark(self, above: str, below: str) -> None:
        page = Page().lines(72, 700, [*(CHINESE if has_han(above) else LEFT)[:2], above, below])
        assert f"{above}{'' if has_han(above) else ' '}{below}" in read([page]).text

    def test_what_only_looks_like_such_a_line_keeps_its_mark(self) -> None:
        page = Page().lines(72, 700, ["The office of the county has these tasks of its own:", "1. roads", "2. bridges"])
        page.lines(72, 600, ["全县建成的蔬菜大棚和冷库一共有多少，见表", "1.1 大棚", "1.2 冷库"])
        paragraphs = read([page]).text.split("\n\n")
        assert [paragraph for paragraph in paragraphs if paragraph[0].isdigit()] == [
            "1. roads", "2. bridges", "1.1 大棚", "1.2 冷库",
        ]  # fmt: skip

    def test_a_blank_stands_behind_a_quotation_mark_in_english_and_none_in_chinese(self) -> None:
        page = Page().lines(72, 700, ["The council of the town changed “4,500” to “5,400”", "under the second item."])
        assert "“5,400” under" in read([page]).text
        assert "“一网统管”工作机制" in read([Page().lines(72, 600, ["全县推进“一网统管”", "工作机制。"])]).text

    @pytest.mark.parametrize(
        ("labels", "texts", "paragraphs"),
        [
            (
                {700: "Present:", 668: "In", 656: "attendance:"},
                {700: "Cllr Helen Marsh, Cllrs J. Croft,", 688: "T. Fielding", 668: "Mrs Cox, 14", 656: "citizens"},
                ["Present: Cllr Helen Marsh, Cllrs J. Croft, T. Fielding", "In attendance: Mrs Cox, 14 citizens"],
            ),
            (
                {700: "出席人员", 668: "列席人员"},
                {700: "王海波、孙丽华、赵文斌、罗倩、唐勇、", 688: "谢军", 668: "林淑芬"},
                ["出席人员 王海波、孙丽华、赵文斌、罗倩、唐勇、谢军", "列席人员 林淑芬"],
            ),
        ],
    )  # fmt: skip
    def test_a_label_beside_a_text_is_read_with_it(
        self, labels: dict[float, str], texts: dict[float, str], paragraphs: list[str]
    ) -> None:
        page = Page().lines(72, 760, LEFT)
        for x, column in ((72, labels), (170, texts)):
            for y, text in column.items():
                page.text(x, y, text)
        assert read([page]).text.split("\n\n")[1:] == paragraphs

    def test_a_signature_and_its_date_stay_apart(self) -> None:
        page = Page().lines(72, 700, CHINESE).text(300, 640, "云溪市审计局").text(262, 628, "2024年8月16日")
        page.lines(72, 560, LEFT).text(270, 520, "Helen Marsh, Mayor").text(252, 508, "Ledbury, 12 March 2024")
        assert read([page]).text.split("\n\n")[1:] == [
            "云溪市审计局", "2024年8月16日", " ".join(LEFT), "Helen Marsh, Mayor", "Ledbury, 12 March 2024",
        ]  # fmt: skip

    def test_the_last_line_of_a_paragraph_over_both_columns_is_its_own(self) -> None:
        wide = "The county built new roads in every town of the valley, and it kept the old ones open, at a cost of"
        page = Page().lines(72, 780, [wide, "34 Million."])
        for number in range(6):
            y = 700 - 12 * number
            page.text(72, y, [*LEFT, *LEFT][number]).text(330, y, [*RIGHT, *RIGHT][number])
        assert read([page]).text.startswith(f"{wide} 34 Million.\n\nThe county")

    def test_a_centred_title_of_several_lines_is_one(self) -> None:
        page = Page().text(120, 740, "上海路公共图书馆年度", 24).text(192, 700, "工作报告", 24).lines(72, 600, CHINESE)
        assert read([page]).text.startswith("# 上海路公共图书馆年度工作报告\n\n全县")

    def test_an_indented_line_and_a_list_mark_begin_a_paragraph(self) -> None:
        page = Page().text(92, 700, CHINESE[0]).lines(72, 688, CHINESE[1:]).text(92, 664, CHINESE[0])
        page.lines(72, 652, CHINESE[1:]).lines(72, 560, ["1. roads", "2. bridges", "（三）水渠"])
        assert read([page]).text.split("\n\n") == ["".join(CHINESE)] * 2 + ["1. roads", "2. bridges", "（三）水渠"]

    def test_running_heads_and_page_numbers_are_left_out(self) -> None:
        pages = [
            Page().text(200, 810, "Annual Report 2023").lines(72, 700, LEFT).text(300, 30, f"{number}")
            for number in range(1, 5)
        ]
        text = read(pages).text
        assert "Annual Report" not in text
        assert not any(line.strip().isdigit() for line in text.splitlines())

    def test_a_figure_that_is_set_small_and_high_is_no_digit_of_the_number_before(self) -> None:
        page = Page().text(72, 700, "Revenue was 5,120").text(157, 704, "2", 6).text(162, 700, "million")
        page.text(72, 650, "营业收入").text(112, 650, "5,120").text(137, 654, "13", 6).text(144, 650, "亿元")
        page.text(72, 600, "CO").text(82, 598, "2", 6).text(72, 560, "12").text(90, 563, "3", 6)
        assert read([page]).text.split("\n\n") == ["Revenue was 5,120² million", "营业收入5,120¹³亿元", "CO2", "12 3"]

    @pytest.mark.parametrize(
        ("heading", "size"), [("Chapter {}", 16), ("第{}章", 16), ("Case {}", 10), ("表{}", 9)], ids=str
    )
    def test_headings_at_the_top_of_each_page_that_differ_in_a_number_stay(self, heading: str, size: float) -> None:
        headings = [heading.format(number) for number in (1, 2, 3, 4)]
        pages = [
            Page().text(72, 790, one, size).lines(72, 700, CHINESE).text(300, 30, f"{at}")
            for at, one in enumerate(headings, start=1)
        ]
        assert [line.strip("# ") for line in read(pages).text.split("\n\n")[::2]] == headings

    @pytest.mark.parametrize("head", ["Annual Report | {}", "松岭县年鉴 · {}", "Annual Report {}", "松岭年鉴{}"])
    def test_running_heads_with_the_number_of_the_page_are_left_out(self, head: str) -> None:
        pages = [Page().text(72, 800, head.format(at), 9).lines(72, 700, LEFT) for at in range(12, 16)]
        assert read(pages).text.count(head[:5]) == 0

    @pytest.mark.parametrize(
        ("head", "heading", "title"),
        [
            ("Kestrel Harbour plc", "Strategic report", "Kestrel Harbour plc: Strategic report"),
            (
                "利源电气股份有限公司 2018 年第一季度报告",
                "利源电气股份有限公司",
                "利源电气股份有限公司 2018 年第一季度报告",
            ),
            ("澜溪县统计局", "2023年统计公报", "澜溪县统计局：2023年统计公报"),
            ("STRATEGIC REPORT", "Strategic report 2023", None),  # says no more than the heading
        ],
    )
    def test_running_heads_tell_the_title_what_its_heading_leaves_out(
        self, head: str, heading: str, title: str | None
    ) -> None:
        first = Page().text(72, 810, head, 8).text(300, 30, "1").text(72, 740, heading, 24).lines(72, 640, CHINESE)
        others = [Page().text(72, 810, head, 8).lines(72, 700, LEFT).text(300, 30, f"{at}") for at in (2, 3)]
        document = read([first, *others])
        assert document.title == title
        assert document.text.startswith(f"# {heading}\n")
        assert head not in document.text.replace(heading, "")

    def test_what_only_some_pages_have_at_the_top_tells_nothing_of_the_title(self) -> None:
        pages = [Page().text(72, 740, "Strategic report", 24).lines(72, 640, LEFT)]
        for at, head in enumerate(["Our people"] * 3 + ["Our planet"] * 3, start=2):
            pages.append(Page().text(72, 810, head, 8).lines(72, 700, LEFT).text(300, 30, f"{at}"))
        assert read(pages).title is None

    @pytest.mark.parametrize("head", ["Chapter {}", "第{}章"])
    def test_running_heads_with_the_number_of_a_chapter_are_left_out(self, head: str) -> None:
        numbers = (1, 1, 1, 2, 2, 3)
        assert read(
            [Page().text(72, 800, head.format(at)).lines(72, 700, CHINESE) for at in numbers]
        ).text == "\n\n".join(["".join(CHINESE)] * 6)

    def test_a_sentence_goes_on_over_a_page_break_before_the_footnote(self) -> None:
        first = Page().lines(72, 80, LEFT).text(72, 30, "1 Without those of the winter.", 7)
        second = Page().lines(72, 780, RIGHT)
        text = read([first, second]).text
        assert "answered the most urgent" in text
        assert text.index("1 Without") > text.index("had asked.")

    def test_a_line_that_runs_up_the_margin_stays_out_of_the_text(self) -> None:
        page = Page().lines(72, 700, LEFT).text(30, 600, "Printed in March 2023", 10, up=True)
        paragraphs = read([page]).text.split("\n\n")
        assert paragraphs[0] == " ".join(LEFT)
        assert paragraphs[1].replace(" ", "") == "PrintedinMarch2023"


class TestTables:
    def test_a_table_between_lines_has_its_header_on_top(self) -> None:
        rows = [["Item", "2022", "2023"], ["Roads", "12.5", "13.0"], ["桥梁", "3", "4"]]
        page = Page().lines(72, 700, LEFT).grid([72, 200, 300, 400], [640, 622, 604, 586], rows)
        assert read([page]).text.split("\n\n")[1].splitlines() == [
            "| Item | 2022 | 2023 |", "| --- | --- | --- |", "| Roads | 12.5 | 13.0 |", "| 桥梁 | 3 | 4 |",
        ]  # fmt: skip

    @pytest.mark.parametrize("repeated", [False, True])
    def test_a_table_that_goes_on_overleaf_is_one_table(self, repeated: bool) -> None:
        first = [["Item", "Sum of 2022"], ["Roads", "12.5"], ["Bridges", "3"]]
        second = [*first[: int(repeated)], ["Canals", "7"], ["Schools", "9"]]
        ys = [780, 762, 744, 726][: len(second) + 1]
        pages = [
            Page().lines(72, 700, LEFT).grid([72, 200, 300], [140, 122, 104, 86], first),
            Page().grid([72, 200, 300], ys, second),
        ]
        document = read(pages)
        assert document.text.endswith(
            "| Item | Sum of 2022 |\n| --- | --- |\n| Roads | 12.5 |\n| Bridges | 3 |\n| Canals | 7 |\n| Schools | 9 |"
        )
        assert [place.page for place in places(document, "| Bridges | 3 |\n| Canals | 7 |")] == [1, 2]

    def test_a_table_overleaf_behind_a_paragraph_has_its_header_again(self) -> None:
        first = [["Item", "Sum of 2022"], ["Roads", "12.5"], ["Bridges", "3"]]
        pages = [
            Page().grid([72, 200, 300], [240, 222, 204, 186], first).lines(72, 100, ["A sum is told in thousands."]),
            Page().grid([72, 200, 300], [780, 762, 744], [["Canals", "7"], ["Schools", "9"]]),
        ]
        document = read(pages)
        assert document.text.endswith("| Item | Sum of 2022 |\n| --- | --- |\n| Canals | 7 |\n| Schools | 9 |")
        start = document.text.rindex("| Item")
        assert document.places is not None
        assert document.places.of_spans([(start, start + 20)])[0].boxes == ()  # it stands on the page before

    def test_a_label_of_several_rows_goes_on_overleaf(self) -> None:
        xs, first = [72, 200, 300, 400], [["Kind", "Item", "Sum"], ["Roads", "Paved", "12.5"], ["", "Gravel", "3"]]
        second = [["", "Earth", "7"], ["", "Stone", "9"], ["Canals", "Wide", "4"]]
        one, two = Page(), Page()
        for page, ys, rows, merged in ((one, [140, 122, 104, 86], first, 2), (two, [780, 762, 744, 726], second, 1)):
            for number, y in enumerate(ys):
                page.rule(200 if number == merged else 72, y, 400, y)
            for x in xs:
                page.rule(x, ys[0], x, ys[-1])
            for y, row in zip(ys, rows, strict=False):
                for x, text in zip(xs, row, strict=False):
                    page.text(x + 3, y - 14, text, 9)
        text = read([one, two]).text
        assert "| Roads | Gravel | 3 |\n| Roads | Earth | 7 |\n| Roads | Stone | 9 |\n| Canals | Wide | 4 |" in text

    def test_numbered_headings_between_tables_stay_apart(self) -> None:
        page, rows = Page(), [["项目", "件数"], ["规章", "12"], ["规范", "3"]]
        for number, heading in enumerate(("三、收到申请情况", "四、复议诉讼情况", "五、主要问题情况")):
            page.text(72, 700 - 120 * number, heading)
            page.grid([72, 200, 300], [690 - 120 * number - 18 * line for line in range(4)], rows)
        paragraphs = [part for part in read([page]).text.split("\n\n") if "|" not in part]
        assert paragraphs == ["三、收到申请情况", "四、复议诉讼情况", "五、主要问题情况"]

    @pytest.mark.parametrize(
        ("caption", "header", "rows"),
        [
            ("Table 1 Roads and bridges (miles)", ["Item", "2022", "2023"], TABLE[1:]),
            ("表1 道路和桥梁（公里）", ["项目", "上年", "本年"], [["道路", "12.5", "13.0"], ["桥梁", "3", "4"]]),
        ],
    )
    @pytest.mark.parametrize("lines", [LEFT, [CHINESE[0][:22], CHINESE[1][:22], CHINESE[2]]])
    def test_a_table_below_columns_has_its_caption_and_the_names_above_its_first_line(
        self, lines: list[str], caption: str, header: list[str], rows: list[list[str]]
    ) -> None:
        page = Page()
        for number in range(6):
            y = 700 - 12 * number
            page.text(72, y, [*lines, *lines][number]).text(330, y, [*RIGHT, *RIGHT][number])
        page.text(72, 606, caption, 9)
        for number, row in enumerate([header, *rows]):
            y = 590 - 16 * number
            page.rule(72, y - 4, 560, y - 4)
            for x, text in zip((75, 400, 500), row, strict=True):
                page.text(x, y, text, 9)
        text = read([page]).text
        shown = ["| " + " | ".join(row) + " |" for row in (header, ["---"] * 3, *rows)]
        assert text.split("\n\n")[-2:] == [caption, "\n".join(shown)]
        assert text.index("had asked.") < text.index(caption)

    def test_columns_that_only_white_space_parts(self) -> None:
        page = Page().lines(72, 700, LEFT)
        for number, row in enumerate(TABLE):
            for x, text in zip((72, 260, 360), row, strict=True):
                page.text(x, 600 - 14 * number, text)
        assert "| Item | 2022 | 2023 |\n| --- | --- | --- |\n| Roads built | 12.5 | 13.0 |" in read([page]).text

    def test_it_goes_on_overleaf_also_where_columns_stay_empty_or_a_label_comes_first(self) -> None:
        xs, names = [72, 200, 300, 400], ["Item", "Sum of 2022", "Sum of 2023"]
        first = [names, ["Roads", "12.5", "13.5"], ["Bridges", "3", "5"], ["Schools", "", ""]]
        second = [["Harbours", "", ""], ["Canals", "7", ""], ["Inns", "9", ""]]
        pages = [Page().grid(xs, [140, 122, 104, 86, 68], first), Page().grid(xs, [780, 762, 744, 726], second)]
        text = read(pages).text
        assert text.endswith("| Schools | | |\n| Harbours | | |\n| Canals | 7 | |\n| Inns | 9 | |")

    def test_figures_without_a_header_are_no_header(self) -> None:
        page = Page().grid([72, 200, 300], [140, 122, 104], [["Roads", "12.5"], ["Bridges", "3"]])
        text = read([page]).text
        assert text == "| Roads | 12.5 |\n| Bridges | 3 |"
        sentences = [sentence.text for passage in chunk(repair(text)) for sentence in passage.sentences]
        assert sentences == ["Roads | 12.5", "Bridges | 3"]

    def test_lines_that_are_drawn_cell_by_cell(self) -> None:
        rows, page = [["Item", "2022"], ["Roads", "12.5"], ["Canals", "7"]], Page()
        for y in (140, 122, 104, 86):
            page.rule(72, y, 199, y).rule(201, y, 300, y)
        for x in (72, 200, 300):
            for y in (140, 122, 104):
                page.rule(x, y, x, y - 17)
        for number, (item, value) in enumerate(rows):
            page.text(75, 126 - 18 * number, item, 9).text(203, 126 - 18 * number, value, 9)
        assert read([page]).text == "| Item | 2022 |\n| --- | --- |\n| Roads | 12.5 |\n| Canals | 7 |"

    def test_names_above_several_columns_that_only_white_space_parts(self) -> None:
        page = Page().lines(72, 700, LEFT)
        xs = [200, 250, 320, 370, 440, 490]
        for x, text in zip((220, 340, 460), ("Total", "Men", "Women"), strict=True):
            page.text(x, 630, text)
        for row, cells in enumerate((["2022", "2023"] * 3, ["12", "13"] * 3, ["14", "15"] * 3)):
            page.text(72, 616 - 14 * row, ["Offence", "Theft and", "Fraud"][row])
            for x, text in zip(xs, cells, strict=True):
                page.text(x, 616 - 14 * row, text)
        text = read([page]).text
        assert "| Offence | Total 2022 | Total 2023 | Men 2022 | Men 2023 | Women 2022 | Women 2023 |" in text

    def test_a_drawing_of_many_lines_takes_linear_time(self) -> None:
        """As a map has them: half a minute, were each horizontal line compared with each vertical one."""
        chance, page = random.Random(1), Page(2384, 3370)
        for _ in range(10_000):
            page.commands.append(f"{chance.uniform(300, 2300):.1f} {chance.uniform(40, 3300):.1f} 8 20 re S")
        page.text(72, 700, "图一：松岭县道路").grid([72, 160, 240], [600, 585, 570], [["Road", "km"], ["B6314", "12"]])
        begun = time.process_time()
        text = read([page]).text
        assert time.process_time() - begun < 15
        assert text == "图一：松岭县道路\n\n| Road | km |\n| --- | --- |\n| B6314 | 12 |"


class TestPlaces:
    def test_boxes_are_where_the_words_are(self) -> None:
        document = read([Page().lines(72, 700, LEFT)])
        (place,) = places(document, "1,200")
        assert (place.page, place.label, place.page_size) == (1, "1", (595, 842))
        ((left, top, right, bottom),) = place.boxes
        width = WIDTHS / 1000 * 10
        assert left == pytest.approx(72 + LEFT[2].index("1,200") * width, abs=0.5)
        assert right == pytest.approx(left + 5 * width, abs=0.5)
        assert top < 842 - 676 < bottom
        assert bottom - top < 16

    def test_a_quote_over_two_lines_has_two_boxes_and_over_two_pages_two_places(self) -> None:
        document = read([Page().lines(72, 80, LEFT), Page().lines(72, 780, RIGHT)])
        (place,) = places(document, "every town of the valley")
        assert len(place.boxes) == 2
        assert place.boxes[0][1] < place.boxes[1][1]
        first, second = places(document, "answered the most urgent")
        assert (first.page, second.page) == (1, 2)
        assert len(first.boxes) == len(second.boxes) == 1

    @pytest.mark.parametrize("rotate", [0, 90, 180, 270])
    def test_boxes_are_those_of_the_page_as_it_is_shown(self, rotate: int) -> None:
        page = Page(600, 800, rotate).text(100, 700, "x", 20, up=rotate == 90)
        page.lines(72, 400, LEFT) if rotate != 90 else page.text(300, 100, LEFT[0], up=True)
        document = read([page])
        assert document.places is not None
        shown = document.places.pages[0]
        assert (shown.width, shown.height) == ((800, 600) if rotate in (90, 270) else (600, 800))
        (place,) = places(document, "x")
        left, top, right, bottom = place.boxes[0]
        x, y = {0: (105, 95), 90: (705, 95), 180: (495, 705), 270: (95, 495)}[rotate]
        assert left - 3 <= x <= right + 3
        assert top - 3 <= y <= bottom + 3

    def test_upright_text_of_a_rotated_page_is_read_in_lines(self) -> None:
        page = Page(600, 800, 90)
        for number, line in enumerate(LEFT):
            page.text(100 + 12 * number, 100, line, up=True)
        document = read([page])
        assert document.text == " ".join(LEFT)
        (place,) = places(document, "1,200")
        assert len(place.boxes) == 1

    def test_labels_are_those_of_the_file(self) -> None:
        pages = [Page().text(72, 700, f"{word} page of text") for word in ("First", "Second", "Third")]
        document = read(pages, labels="0 << /S /r >> 2 << /S /D /P (A-) >>")
        assert [places(document, word)[0].label for word in ("First", "Second", "Third")] == ["i", "ii", "A-1"]

    def test_what_the_reader_adds_has_no_box(self) -> None:
        document = read([Page().text(72, 740, "Roads", 18).lines(72, 700, LEFT)])
        assert document.places is not None
        boxed = [
            bool(place.boxes) for at in range(len(document.text)) for place in document.places.of_spans([(at, at + 1)])
        ]
        assert boxed == [character not in "# \n" for character in document.text]

    def test_passages_keep_their_promise_and_their_page(self) -> None:
        document = read([Page().lines(72, 700, [*LEFT, "last of them."]), Page().lines(72, 700, CHINESE)])
        for passage in chunk(repair(document.text)):
            for sentence in passage.sentences:
                assert cut(document.text, sentence.spans) == sentence.text
                assert document.places is not None
                assert [place.page for place in document.places.of_spans(sentence.spans)] in ([1], [2])

    def test_they_take_less_than_ten_bytes_a_character(self) -> None:
        document = read([Page().lines(72, 700, LEFT * 10) for _ in range(5)])
        assert document.places is not None
        pages, boxes = document.places.dump()
        assert len(pages) + len(boxes) < 10 * len(document.text)


class TestWhatIsNotRead:
    def test_pages_without_text_are_named(self) -> None:
        document = read([Page().lines(72, 700, LEFT), Page(), Page()], labels="0 << /S /r >>")
        assert document.notes == ("pages ii, iii have no text that can be read: empty, or a scan",)

    def test_a_file_of_pictures_is_refused(self) -> None:
        with pytest.raises(EmptySource, match="no text on its 2 pages"):
            read([Page(), Page()])

    def test_pages_beyond_the_limit_are_reported(self) -> None:
        data = pdf([Page().lines(72, 700, LEFT) for _ in range(3)])
        options = ReadOptions(Limits(pages=2))
        (document,) = PdfReader().read(Source(data, "a", "a", options), pytest.fail)
        assert document.notes == ("only the first 2 of 3 pages were read (QA_READ_PAGES)",)

    def test_an_encrypted_file_asks_for_its_password(self) -> None:
        assert read([Page().text(72, 700, "It is a secret.")], password="open sesame").text == "It is a secret."
        data = pdf([Page().text(72, 700, "It is a secret.")], password="open sesame")
        with pytest.raises(UnreadableSource, match="give its password with --password"):
            PdfReader().read(Source(data, "a", "a"), pytest.fail)
        with pytest.raises(UnreadableSource, match="the password is wrong"):
            PdfReader().read(Source(data, "a", "a", ReadOptions(password="abracadabra")), pytest.fail)
