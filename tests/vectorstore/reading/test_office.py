"""Office files, books and e-mail: what of them becomes text, and in which form."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.support.office_files import (
    archive,
    centred,
    chart,
    chart_frame,
    docx,
    eml,
    epub,
    ods,
    ods_number,
    ods_text,
    paragraph,
    pptx,
    run,
    shape,
    slide_table,
    unpacked,
    with_chart,
    with_part,
    word_table,
    xlsx,
    xml_row,
    xml_workbook,
)
from vectorstore.errors import EmptySource, SourceError, UnreadableSource
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.reading import Limits, RawDocument, ReadOptions
from vectorstore.reading.base import Source
from vectorstore.reading.docx_styles import numbered
from vectorstore.reading.number_formats import formatted
from vectorstore.reading.registry import reader_of

SHEET = "xl/worksheets/sheet1.xml"


def read(data: bytes, name: str = "file", options: ReadOptions | None = None) -> RawDocument:
    source = Source(data, name, name, options or ReadOptions())
    (document,) = reader_of(name, data).read(source, pytest.fail)
    return document


def read_all(data: bytes, errors: list[SourceError] | None = None) -> list[RawDocument]:
    source = Source(data, "m.eml", "m.eml")
    return reader_of("m.eml", data).read(source, pytest.fail if errors is None else errors.append)


class TestWord:
    def test_headings_come_from_styles_also_from_those_they_are_based_on(self) -> None:
        body = paragraph("年度报告", "T") + paragraph("产业", "H1") + paragraph("茶园", "H2") + paragraph("Tea", "Mine")
        assert read(docx(body)).text == "# 年度报告\n\n## 产业\n\n### 茶园\n\n## Tea"

    @pytest.mark.parametrize(
        ("lines", "title"),
        [
            (["德安市中级人民法院", "民事判决书", "（2023）川09民终1287号"], "德安市中级人民法院 民事判决书"),
            (["Ledbury Council", "Minutes of 12 March", "(draft)"], "Ledbury Council Minutes of 12 March"),
        ],
    )  # fmt: skip
    def test_lines_in_the_middle_at_the_beginning_are_the_title(self, lines: list[str], title: str) -> None:
        body = "".join(centred(line) for line in lines) + paragraph("The county built roads.")
        assert read(docx(body)).text == f"# {title}\n\n{lines[2]}\n\nThe county built roads."
        assert read(docx(centred(lines[0], 40) + centred(lines[1], 24) + paragraph("Roads."))).text == (
            f"# {lines[0]}\n\n{lines[1]}\n\nRoads."
        )

    @pytest.mark.parametrize(
        "body",
        [
            "".join(centred(text) for text in ("床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"))
            + paragraph("李白。"),
            centred("All is well.") + paragraph("The county built roads."),
            centred("Ledbury") + paragraph("Minutes", "T") + paragraph("The county built roads."),
            centred("Ledbury"),
        ],
    )
    def test_other_lines_in_the_middle_are_no_title(self, body: str) -> None:
        assert not read(docx(body)).text.startswith("#")

    def test_lists_keep_their_marks_and_numbers(self) -> None:
        body = paragraph("roads", number=1) + paragraph("bridges", number=1)
        body += paragraph("修路", number=2) + paragraph("架桥", "H1", number=2)
        assert read(docx(body)).text == "- roads\n- bridges\n一、修路\n\n## 二、架桥"

    def test_tracked_changes_are_taken_as_accepted(self) -> None:
        deleted = "<w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        inserted = f"<w:ins>{run('new')}</w:ins>"
        moved = f"<w:moveFrom>{run('from here')}</w:moveFrom>"
        body = paragraph(run("The ") + deleted + inserted + run(" figure") + moved)
        assert read(docx(body)).text == "The new figure"

    def test_raised_figures_are_no_digits_of_the_number_before(self) -> None:
        high = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{}</w:t></w:r>'
        body = paragraph(run("Revenue 5,120") + "<w:bookmarkStart/>" + high.format(2) + run(" 面积3m") + high.format(2))
        assert read(docx(body)).text == "Revenue 5,120\u202f² 面积3m²"

    def test_a_list_that_begins_anew_is_counted_anew(self) -> None:
        again = '<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        body = "".join(paragraph(text, number=n) for text, n in [("修路", 2), ("架桥", 2), ("招生", 3), ("Schools", 3)])
        data = with_part(
            docx(body), "word/numbering.xml", "</w:numbering>", f"{again}</w:lvlOverride></w:num></w:numbering>"
        )
        assert read(data).text == "一、修路\n二、架桥\n一、招生\n二、Schools"

    @pytest.mark.parametrize(
        ("number", "form", "shown"),
        [
            (100, "chineseCountingThousand", "一百"),
            (101, "chineseCountingThousand", "一百零一"),
            (110, "chineseCounting", "一百一十"),
            (12, "taiwaneseCountingThousand", "十二"),
            (2030, "chineseCountingThousand", "二千零三十"),
            (10, "ideographDigital", "一〇"),
            (3, "ideographTraditional", "丙"),
            (7, "decimalZero", "07"),
            (4, "lowerRoman", "iv"),
        ],
    )
    def test_numbers_are_written_as_word_writes_them(self, number: int, form: str, shown: str) -> None:
        assert numbered(number, form) == shown

    def test_numbers_of_chapters_are_digits_where_word_shows_digits(self) -> None:
        second = '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2"/></w:lvl>'
        body = paragraph("总则", "H1", 2) + paragraph("目的", "H2", 2).replace('ilvl w:val="0"', 'ilvl w:val="1"')
        data = with_part(docx(body), "word/numbering.xml", '"%1、"/></w:lvl>', f'"第%1章"/></w:lvl>{second}')
        assert read(data).text == "## 第一章总则\n\n### 1.1 目的"

    def test_numbers_in_a_table_are_read(self) -> None:
        table = word_table([["序号", "项目"], ["#", "公路"], ["#", "桥梁"]]).replace(
            paragraph("#"), paragraph("<w:r/>", number=2)
        )
        assert read(docx(table + paragraph("完工", number=2))).text == (
            "| 序号 | 项目 |\n| --- | --- |\n| 一、 | 公路 |\n| 二、 | 桥梁 |\n\n三、完工"
        )

    def test_ticks_and_boxes_are_read(self) -> None:
        table = word_table([["Item", "Yes", "No"], ["Roads", "#", "?"]])
        for mark, font, place in (("#", "Wingdings", "F0FC"), ("?", "Wingdings 2", "00A3")):
            table = table.replace(run(mark), f'<w:r><w:sym w:font="{font}" w:char="{place}"/></w:r>')
        other = '<w:r><w:sym w:font="Arial" w:char="00B0"/></w:r><w:r><w:sym w:font="Logos" w:char="F041"/></w:r>'
        assert read(docx(table + paragraph(run("5") + other + run("C")))).text == (
            "| Item | Yes | No |\n| --- | --- | --- |\n| Roads | ✓ | □ |\n\n5°C"
        )

    def test_what_stands_in_a_box_of_one_cell_is_read_once(self) -> None:
        reference = '<w:r><w:footnoteReference w:id="1"/></w:r>'
        box = f"<w:r><w:pict><w:txbxContent>{paragraph('In a box')}</w:txbxContent></w:pict></w:r>"
        cell = f"<w:tc><w:p>{run('全县茶园')}{reference}{box}</w:p></w:tc>"
        data = docx(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>", {1: "含新建。"})
        assert read(data).text == "全县茶园\n\nIn a box\n\n含新建。"

    def test_hidden_text_and_pronunciations_are_left_out(self) -> None:
        hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t> draft</w:t></w:r>"
        ruby = f"<w:r><w:ruby><w:rt>{run('chá')}</w:rt><w:rubyBase>{run('茶')}</w:rubyBase></w:ruby></w:r>"
        assert read(docx(paragraph(run("Fees") + hidden) + paragraph(ruby + run("园")))).text == "Fees\n\n茶园"

    def test_rows_in_content_controls_and_rows_that_begin_further_right(self) -> None:
        table = word_table([["地区", "公路", "桥梁"], ["北岭", "12", "3"]])
        cells = [f"<w:tc>{paragraph(text)}</w:tc>" for text in ("西塘", "9", "5")]
        rows = f"<w:sdt><w:sdtContent><w:tr>{''.join(cells)}</w:tr></w:sdtContent></w:sdt>"
        rows += f'<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>{cells[1]}{cells[2]}</w:tr>'
        assert read(docx(table.replace("</w:tbl>", f"{rows}</w:tbl>"))).text.splitlines()[2:] == [
            "| 北岭 | 12 | 3 |",
            "| 西塘 | 9 | 5 |",
            "| | 9 | 5 |",
        ]

    def test_formulas_are_read(self) -> None:
        spaces = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
        fraction = "<m:f><m:num><m:r><m:t>利润</m:t></m:r></m:num><m:den><m:r><m:t>a+b</m:t></m:r></m:den></m:f>"
        square = "<m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
        formula = f"<m:oMath {spaces}>{fraction}<m:r><m:t>=</m:t></m:r>{square}</m:oMath>"
        assert read(docx(f"<w:p>{run('Rate: ')}{formula}</w:p>")).text == "Rate: 利润/(a+b)=r^2"

    def test_documents_of_word_online_and_strict_ones_are_read(self) -> None:
        body = paragraph("年度报告", "T") + paragraph("Roads", "H1")
        strict = (
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        )
        assert read(with_part(docx(body), "word/document.xml", *strict)).text == "# 年度报告\n\n## Roads"
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
        relation = f'<Relationship Id="a" Type="{kind}" Target="/word/document2.xml"/>'
        relations = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relation}</Relationships>'
        parts = unpacked(docx(body))
        parts |= {"word/document2.xml": parts.pop("word/document.xml"), "_rels/.rels": relations.encode()}
        assert read(archive(parts)).text == "# 年度报告\n\n## Roads"

    def test_rows_of_a_form_stay_rows_and_a_line_over_all_columns_is_none(self) -> None:
        rows = [["第二十条", "<"], ["信息内容", "本年收费金额（单位：万元）"], ["行政收费", ""], ["其他收费", ""]]
        rows.append(["注：以上含下属单位。", "<"])
        assert read(docx(word_table(rows))).text == (
            "第二十条\n\n| 信息内容 | 本年收费金额（单位：万元） |\n| --- | --- |\n| 行政收费 | |\n| 其他收费 | |\n\n"
            "注：以上含下属单位。"
        )

    def test_a_footnote_follows_the_paragraph_that_refers_to_it(self) -> None:
        reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
        body = paragraph(run("新建大棚111个") + reference + run("。")) + paragraph("第二段。")
        text = read(docx(body, {2: "含在建的3个。"})).text
        assert text == "新建大棚111个。\n\n含在建的3个。\n\n第二段。"

    def test_text_boxes_are_read_once(self) -> None:
        box = f"<w:txbxContent>{paragraph('In a box')}</w:txbxContent>"
        both = (
            '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
        )
        assert read(docx(paragraph(run("Outside") + f"<w:r>{both}</w:r>"))).text == "Outside\n\nIn a box"

    def test_a_table_has_one_line_of_names_and_labels_on_each_row(self) -> None:
        rows = [["Region", "2022", "<"], ["^", "Roads", "Bridges"], ["North", "12", "3"], ["^", "8", "5"]]
        assert read(docx(word_table(rows))).text.splitlines() == [
            "| Region | 2022 Roads | 2022 Bridges |",
            "| --- | --- | --- |",
            "| North | 12 | 3 |",
            "| North | 8 | 5 |",
        ]

    def test_a_frame_of_one_column_is_no_table(self) -> None:
        assert read(docx(word_table([["第一段。"], ["第二段。"]]))).text == "第一段。\n\n第二段。"

    def test_entities_are_refused(self) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
        data = archive({"word/document.xml": bomb})
        with pytest.raises(UnreadableSource, match="entities"):
            read(data)

    def test_a_part_that_unpacks_to_more_than_the_limit_is_refused(self) -> None:
        data = docx(paragraph("a" * 3_000_000))
        assert len(data) < 100_000
        with pytest.raises(UnreadableSource, match="QA_READ_UNPACKED_MB"):
            read(data, options=ReadOptions(Limits(unpacked_mb=2)))

    def test_parts_outside_of_the_archive_are_not_there(self) -> None:
        parts = {"../../evil.xml": "<a/>", "word/document.xml": "<a/>", "ppt/presentation.xml": "<a/>"}
        with pytest.raises(SourceError):
            read(archive(parts))


class TestSlides:
    def test_each_slide_has_its_title_its_text_from_top_to_bottom_and_its_notes(self) -> None:
        first = shape(["below"], 200) + shape(["Roads"], 20, "title") + shape(["above", "and more"], 100)
        second = shape(["桥梁"], 20, "title") + slide_table([["年份", "座"], ["2022", "7"]], 100)
        document = read(pptx([first, second], {1: "Say this."}))
        assert document.text.splitlines() == [
            "## Roads", "", "- above", "- and more", "", "below", "", "Say this.", "",
            "## 桥梁", "", "| 年份 | 座 |", "| --- | --- |", "| 2022 | 7 |",
        ]  # fmt: skip

    def test_places_are_slides(self) -> None:
        document = read(pptx([shape(["One"], 0), shape(["Two"], 0)]))
        assert document.places is not None
        start = document.text.index("Two")
        (place,) = document.places.of_spans([(start, start + 3)])
        assert (place.page, place.label, place.kind, place.boxes) == (2, "2", "slide", ())
        assert place.page_size == (720, 540)

    def test_raised_figures_are_no_digits_of_the_number_before(self) -> None:
        high, low = (f'<a:r><a:rPr baseline="{at}"/><a:t>2</a:t></a:r>' for at in ("30000", "-25000"))
        slide = shape(["营业收入5,120@", "CO#"], 10)
        slide = slide.replace("@</a:t></a:r>", f"</a:t></a:r>{high}").replace("#</a:t></a:r>", f"</a:t></a:r>{low}")
        assert read(pptx([slide])).text == "- 营业收入5,120\u202f²\n- CO2"

    def test_hidden_slides_are_left_out_and_told(self) -> None:
        data = pptx([shape(["One"], 0), shape(["旧稿"], 0), shape(["三"], 0)], {2: "Don't show."})
        document = read(with_part(data, "ppt/slides/slide2.xml", "<p:sld ", '<p:sld show="0" '))
        assert document.text == "One\n\n三"
        assert document.notes == ("1 hidden slide was left out; show what is to be read",)
        assert document.places is not None
        assert [place.label for place in document.places.of_spans([(0, 3), (5, 6)])] == ["1", "3"]

    def test_copies_for_older_programs_are_left_out(self) -> None:
        names = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        both = [f"<mc:{tag}>{shape(['公式：a = b'], 20)}</mc:{tag}>" for tag in ("Choice", "Fallback")]
        slide = shape(["Roads"], 0, "title") + f"<mc:AlternateContent {names}>{''.join(both)}</mc:AlternateContent>"
        assert read(pptx([slide])).text == "## Roads\n\n公式：a = b"

    def test_a_group_stands_where_it_was_moved(self) -> None:
        frame = (
            '<a:off x="0" y="5080000"/><a:ext cx="2" cy="2540000"/><a:chOff x="0" y="0"/><a:chExt cx="2" cy="2540000"/>'
        )
        inside = shape(["Second"], 50) + shape(["Third"], 90)
        group = f"<p:grpSp><p:grpSpPr><a:xfrm>{frame}</a:xfrm></p:grpSpPr>{inside}</p:grpSp>"
        text = read(pptx([shape(["Results"], 0, "title") + group + shape(["First"], 200)])).text
        assert text == "## Results\n\nFirst\n\nSecond\n\nThird"

    def test_charts_are_tables_on_slides_and_in_word(self) -> None:
        made = chart("营业收入（亿元）", ["Roads", "Rail"], {"2022": [0.5, 12], "2023": [0.25, 9.5]}, "0.0")
        table = (
            "营业收入（亿元）\n\n| | Roads | Rail |\n| --- | --- | --- |\n| 2022 | 0.5 | 12.0 |\n| 2023 | 0.3 | 9.5 |"
        )
        frame = f"<p:graphicFrame>{chart_frame('r1')}</p:graphicFrame>"
        slides = pptx([shape(["Results"], 0, "title") + frame])
        assert read(with_chart(slides, "ppt/slides/slide1.xml", "r1", made)).text == f"## Results\n\n{table}"
        body = paragraph("As shown:") + paragraph(f"<w:r><w:drawing>{chart_frame('r1')}</w:drawing></w:r>")
        assert read(with_chart(docx(body), "word/document.xml", "r1", made)).text == f"As shown:\n\n{table}"

    def test_dates_and_shares_of_a_chart_are_as_it_shows_them(self) -> None:
        made = chart("Share", ["A"], {"44197": [0.5]}, "0%").replace(
            "<c:cat><c:strRef><c:strCache>", "<c:cat><c:numRef><c:numCache><c:formatCode>mmm\\-yy</c:formatCode>"
        )
        made = made.replace("</c:strCache></c:strRef></c:cat>", "</c:numCache></c:numRef></c:cat>")
        body = paragraph(f"<w:r>{chart_frame('r1')}</w:r>")
        assert "| 2021-01-01 | 50% |" in read(with_chart(docx(body), "word/document.xml", "r1", made)).text


class TestSpreadsheets:
    def test_rows_stand_below_the_names_of_their_columns_and_the_caption_before(self) -> None:
        rows = [
            ["Sales by region", None, None],
            ["In millions of CHF", "2022", "2023"],
            ["North", 12138.0, 0.125],
            ["South", -29, None],
            ["(a) As restated.", None, None],
        ]
        assert read(xlsx({"Results": rows}), "a.xlsx").text.splitlines() == [
            "## Results", "", "Sales by region", "",
            "| In millions of CHF | 2022 | 2023 |", "| --- | --- | --- |",
            "| North | 12138 | 0.125 |", "| South | -29 | |", "", "(a) As restated.",
        ]  # fmt: skip

    def test_long_texts_below_a_caption_are_named_by_their_columns(self) -> None:
        answer = "请在系统中提交申请。" * 30
        rows = [["常见问题", None], ["问题", "答案"], ["如何报销？", answer], ["How to book?", "By phone."]]
        assert read(xlsx({"FAQ": rows}, merged=["A1:B1"]), "a.xlsx").text == (
            f"## FAQ\n\n常见问题\n\n问题: 如何报销？\n\n### 答案\n\n{answer}\n\n问题: How to book?\n\n答案: By phone."
        )

    def test_a_long_note_at_a_table_leaves_its_rows_a_table_and_is_read_once(self) -> None:
        note = "The figures are as the regions gave them. " * 6
        table = [["Region", "2022", "2023"], ["North", 12, 15], ["South", 9, 20]]
        shown = "| Region | 2022 | 2023 |\n| --- | --- | --- |\n| North | 12 | 15 |\n| South | 9 | 20 |"
        below = xlsx({"A": [*table, [note, None, None]]}, merged=["A4:C4"])
        assert read(below, "a.xlsx").text == f"## A\n\n{shown}\n\n{note.strip()}"
        above = xlsx({"A": [[note, None, None], *table]}, merged=["A1:C1"])
        assert read(above, "a.xlsx").text == f"## A\n\n{note.strip()}\n\n{shown}"

    def test_a_sheet_of_very_many_parts_is_read(self) -> None:
        rows = [["Item", "Count"], *(row for at in range(1500) for row in ([f"Day {at}", None], ["茶园", at]))]
        text = read(xlsx({"A": rows}, merged=[f"A{row}:B{row}" for row in range(2, 3001, 2)]), "a.xlsx").text
        assert text.endswith("Day 1499\n\n| Item | Count |\n| --- | --- |\n| 茶园 | 1499 |")

    def test_formulas_without_a_result_are_told(self) -> None:
        data = xlsx({"A": [["地区", "合计"], ["Northfield", 1], ["Eastmoor", 2]]})
        for old, new in (("<v>1</v>", "<f>A1+B1</f><v></v>"), ("<v>2</v>", '<f t="shared" si="0"/>')):
            data = with_part(data, "xl/worksheets/sheet1.xml", old, new)
        (note,) = read(data, "a.xlsx").notes
        assert note.startswith("2 cells hold formulas without a result")
        data = with_part(data, "xl/worksheets/sheet1.xml", "<v></v>", "<v>7</v>")
        assert read(data, "a.xlsx").notes[0].startswith("1 cell holds a formula")
        empty = with_part(data, "xl/worksheets/sheet1.xml", '<f t="shared" si="0"/>', "<f>A2</f><v>1</v>")
        empty = with_part(
            empty, "xl/worksheets/sheet1.xml", '"B2"><f>A1+B1</f><v>7</v>', '"B2" t="str"><f>""</f><v></v>'
        )
        assert read(empty, "a.xlsx").notes == ()

    def test_numbers_are_read_as_the_sheet_shows_them(self) -> None:
        rows = [["部门", "预算数", "执行率", "面积"], ["教育局", 1045.5, 0.9100047824, 12], ["文旅局", -2, 1, None]]
        text = read(xlsx({"A": rows}, formats={"B": "#,##0.00", "C": "0.0%", "D": '0" 亩"'}), "a.xlsx").text
        assert "| 教育局 | 1,045.50 | 91.0% | 12 亩 |\n| 文旅局 | -2.00 | 100.0% | |" in text

    @pytest.mark.parametrize(
        ("value", "code", "shown"),
        [
            (0.874, "0.0%", "87.4%"),
            (2208000, "#,##0", "2,208,000"),
            (-1234.5, "#,##0.00_);(#,##0.00)", "-1,234.50"),
            (12.5, "[$€-407]#,##0.00", "€12.50"),
            (7, '"¥"0', "¥7"),
            (1, "000000", "000001"),
            (600519, "000000", "600519"),
            (1234567, "#,##0,", "1,235"),
            (-9876543, '0.0,,"M"', "-9.9M"),
            (1.5, "0.##", "1.5"),
            (2, "0.##", "2"),
            (-0.001, "0.0", "0.0"),
            (3.5, "General", None),
            (45000, "yyyy-mm-dd", None),
            (0.5, "# ?/?", None),
            (1e300, "0.00", None),
            (float("nan"), "0.00", None),
        ],
    )
    def test_a_number_format_says_how_a_number_reads(self, value: float, code: str, shown: str | None) -> None:
        assert formatted(value, code) == shown

    def test_lines_above_the_names_of_columns_are_captions(self) -> None:
        rows = [
            ["2023年各乡镇林业生产情况表", None, None],
            ["填报单位：林业局", None, "单位：亩"],
            ["乡镇", "人工造林", "封山育林"],
            ["石门镇", 1240, 3600],
        ]
        document = read(xlsx({"林业": rows}, merged=["A1:C1"]), "林业统计.xlsx")
        (passage,) = chunk(repair(document.text, document.title))
        assert [sentence.text for sentence in passage.sentences] == [
            "2023年各乡镇林业生产情况表\n填报单位：林业局 单位：亩\n乡镇 | 人工造林 | 封山育林\n石门镇 | 1240 | 3600"
        ]

    def test_each_sheet_s_name_is_the_section_of_its_rows(self) -> None:
        sheets = {name: [["部门", "执行数"], ["交通局", 1]] for name in ("2021年", "2022年")}
        document = read(xlsx(sheets), "预算执行.xlsx")
        layout = repair(document.text, document.title)
        assert layout.title == "预算执行"
        assert [passage.section for passage in chunk(layout)] == ["2021年", "2022年"]

    def test_the_title_is_the_files_name(self) -> None:
        assert read(xlsx({"Sheet1": [["a", 1]]}), "茶园面积 2023.xlsx").title == "茶园面积 2023"
        assert read(b"a,b\n1,2\n", "sales of 2023.csv").title == "sales of 2023"

    def test_merged_cells_name_all_their_columns(self) -> None:
        rows = [["地区", "2022年", None], [None, "公路", "桥梁"], ["北区", 12, 3]]
        text = read(xlsx({"表": rows}, merged=["A1:A2", "B1:C1"]), "a.xlsx").text
        assert "| 地区 | 2022年 公路 | 2022年 桥梁 |" in text
        assert "| 北区 | 12 | 3 |" in text

    def test_a_name_that_stands_above_several_columns_is_each_ones(self) -> None:
        rows = [
            ["In millions", None, "2023", None, None, "2022"],
            [None, "Sales", "Profit", None, "Sales", "Profit"],
            ["North", 12, 3, None, 10, 2],
            ["South", 11, 4, None, 9, 1],
        ]
        names = "| In millions | 2023 Sales | 2023 Profit | 2022 Sales | 2022 Profit |"
        assert names in read(xlsx({"A": rows}), "a.xlsx").text  # an empty column parts the years
        rows = [["In millions", None, None, "Year 2023"], *(row[:3] for row in rows[1:])]
        assert "| In millions | Year 2023 Sales | Year 2023 Profit |" in read(xlsx({"A": rows}), "a.xlsx").text

    def test_an_empty_row_under_the_header_does_not_part_it_from_its_rows(self) -> None:
        rows = [["Item", "Sum"], [None, None], ["Roads", 12], ["Bridges", 3]]
        assert "| Item | Sum |\n| --- | --- |\n| Roads | 12 |" in read(xlsx({"A": rows}), "a.xlsx").text

    def test_sheets_are_places_and_hidden_ones_are_left_out(self) -> None:
        sheets = {"One": [["a", "b"], ["c", 1]], "Two": [["d", "e"], ["f", 2]], "Three": [["g"]]}
        document = read(xlsx(sheets, hidden=["Two"]), "a.xlsx")
        assert "f" not in document.text
        assert document.places is not None
        start = document.text.index("g")
        (place,) = document.places.of_spans([(start, start + 1)])
        assert (place.page, place.label, place.kind, place.page_size) == (2, "Three", "sheet", None)

    def test_hidden_rows_and_columns_are_left_out_and_told(self) -> None:
        rows = [["Site", "Salary", "Staff"], ["Marsh", 512, 7], ["Draft", 9, 9], ["Ford", 498, 4]]
        sheets = {"Sites": rows, "底稿": [["内部", 1]]}
        data = with_part(xlsx(sheets, hidden=["底稿"]), SHEET, '<row r="3"', '<row r="3" hidden="1"')
        data = with_part(data, SHEET, "<sheetData>", '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>')
        document = read(data, "a.xlsx")
        assert document.text.splitlines()[2:] == ["| Site | Staff |", "| --- | --- |", "| Marsh | 7 |", "| Ford | 4 |"]
        assert document.notes == (
            "1 hidden sheet, 1 hidden row and 1 hidden column were left out; show what is to be read",
        )

    def test_rows_that_a_filter_or_a_folded_group_hides_are_read(self) -> None:
        rows = [["乡镇", "亩"], ["石门镇", 12], ["北岭镇", 7], ["西塘镇", 9]]
        hidden = with_part(xlsx({"表": rows}), SHEET, '<row r="3"', '<row r="3" hidden="1"')
        for filtered in (
            with_part(
                hidden, SHEET, "</sheetData>", '</sheetData><autoFilter ref="A1:B4"><filterColumn/></autoFilter>'
            ),
            with_part(hidden, SHEET, 'hidden="1"', 'hidden="1" outlineLevel="1"'),
        ):
            assert "| 北岭镇 | 7 |" in read(filtered, "a.xlsx").text
            assert read(filtered, "a.xlsx").notes == ()
        unused = with_part(hidden, SHEET, "</sheetData>", '</sheetData><autoFilter ref="A1:B4"/>')
        assert "北岭镇" not in read(unused, "a.xlsx").text

    def test_a_workbook_of_hidden_sheets_alone_has_nothing_to_read(self) -> None:
        with pytest.raises(EmptySource, match="hidden"):
            read(xlsx({"A": [["a", 1]]}, hidden=["A"]), "a.xlsx")

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_of_a_table_as_text_is_found_out(self, delimiter: str) -> None:
        lines = [["地区", "收入，万元"], ["北区", "1,200"], ["南区", "980"]]
        data = "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines).encode("gb18030")
        expected = ["| 地区 | 收入，万元 |", "| --- | --- |", "| 北区 | 1,200 |", "| 南区 | 980 |"]
        assert read(data, "a.csv").text.splitlines() == expected

    @pytest.mark.parametrize("first", ["sep=;\r\n", "\ufeffSEP=;\n"])
    def test_a_first_line_may_name_the_delimiter(self, first: str) -> None:
        data = (first + "Region;Area, km2\nNorth;1,2\nSouth;3,4\n").encode()
        expected = ["| Region | Area, km2 |", "| --- | --- |", "| North | 1,2 |", "| South | 3,4 |"]
        assert read(data, "a.csv").text.splitlines() == expected

    def test_nothing_below_the_line_that_names_the_delimiter(self) -> None:
        with pytest.raises(EmptySource):
            read(b"sep=;\n", "a.csv")

    def test_a_long_text_in_a_cell_keeps_its_lines(self) -> None:
        text = "第一段，" * 60 + "\n" + "second line"
        data = f'title,body\nReport,"{text}"\n'.encode()
        assert read(data, "a.csv").text == f"title: Report\n\n### body\n\n{text}"


class TestOpenDocument:
    def test_numbers_read_as_the_sheet_shows_them(self) -> None:
        data = ods(
            [
                "".join(map(ods_text, ("Site", "Share", "Cost", "2021", "2022"))),
                ods_text("Marsh")
                + ods_number(0.874, "87.4%", "percentage")
                + ods_number(1250, "£1,250.00", "currency")
                + ods_number(3.14159, "3.1", times=2),
            ]
        )
        text = read(data, "a.ods").text
        assert text.endswith("| Marsh | 87.4% | £1,250.00 | 3.1 | 3.1 |")

    def test_hidden_rows_and_columns_are_left_out(self) -> None:
        data = ods(
            ["".join(map(ods_text, row)) for row in (("地区", "备注", "级"), ("北岭", "x", "一"), ("Draft", "y", "z"))]
        )
        columns = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
        data = with_part(data, "content.xml", '<table:table table:name="A">', f'<table:table table:name="A">{columns}')
        last = f"<table:table-row>{ods_text('Draft')}"
        data = with_part(data, "content.xml", last, last.replace("-row>", '-row table:visibility="collapse">', 1))
        document = read(data, "a.ods")
        assert document.text == "## A\n\n| 地区 | 级 |\n| --- | --- |\n| 北岭 | 一 |"
        assert document.notes == ("1 hidden row and 1 hidden column were left out; show what is to be read",)

    def test_a_label_that_is_merged_over_rows_is_each_ones(self) -> None:
        label = ods_text("北岭").replace("<table:table-cell", '<table:table-cell table:number-rows-spanned="2"')
        covered = "<table:covered-table-cell/>"
        rows = ["".join(map(ods_text, ("地区", "镇", "亩"))), label + ods_text("石门") + ods_number(7, "7")]
        text = read(ods([*rows, covered + ods_text("西塘") + ods_number(9, "9")]), "a.ods").text
        assert text.endswith("| 北岭 | 石门 | 7 |\n| 北岭 | 西塘 | 9 |")


class TestXmlWorkbooks:
    @pytest.mark.parametrize("name", ["林业统计.xml", "林业统计.xls"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_it_is_read_as_other_workbooks_are(self, name: str, encoding: str) -> None:
        rows = xml_row(["乡镇", "亩"]) + xml_row(["石门镇", 1240])
        made = xml_workbook({"林业": rows, "Roads": xml_row(["Road", "km"]) + xml_row(["B6314", 12.5])})
        document = read(made.replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding), name)
        assert document.text == (
            "## 林业\n\n| 乡镇 | 亩 |\n| --- | --- |\n| 石门镇 | 1240 |\n\n"
            "## Roads\n\n| Road | km |\n| --- | --- |\n| B6314 | 12.5 |"
        )
        assert (document.title, document.notes) == ("林业统计", ())
        assert document.places is not None
        assert [place.label for place in document.places.of_spans([(document.text.index("B6314"),) * 2])] == ["Roads"]

    def test_numbers_dates_and_merged_cells_are_as_the_sheet_shows_them(self) -> None:
        styles = '<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>'
        styles += '<Style ss:ID="k"><NumberFormat ss:Format="#,##0"/></Style>'
        rows = '<Row><Cell ss:MergeDown="1"><Data ss:Type="String">Site</Data></Cell>'
        rows += '<Cell ss:MergeAcross="1"><Data ss:Type="String">Year 2023</Data></Cell></Row>'
        rows += xml_row(["Share", "Visits", "Since"]).replace("<Cell>", '<Cell ss:Index="2">', 1)
        rows += '<Row ss:Index="3"><Cell><Data ss:Type="String">Marsh</Data></Cell>'
        rows += '<Cell ss:StyleID="p"><Data ss:Type="Number">0.874</Data></Cell>'
        rows += '<Cell ss:StyleID="k"><Data ss:Type="Number">5120</Data></Cell>'
        rows += '<Cell ss:Index="4"><Data ss:Type="DateTime">2021-05-01T00:00:00.000</Data></Cell></Row>'
        text = read(xml_workbook({"A": rows}, styles).encode(), "a.xml").text
        assert text.splitlines()[2] == "| Site | Year 2023 Share | Year 2023 Visits | Since |"
        assert text.splitlines()[4] == "| Marsh | 87.40% | 5,120 | 2021-05-01 |"

    def test_a_number_format_is_also_that_of_a_column_or_of_the_style_that_a_style_is_made_of(self) -> None:
        styles = '<Style ss:ID="s16" ss:Name="Percent"><NumberFormat ss:Format="0%"/></Style>'
        styles += '<Style ss:ID="s62" ss:Parent="s16"><Font ss:Bold="1"/></Style>'
        styles += '<Style ss:ID="s63"><NumberFormat ss:Format="#,##0"/></Style>'
        rows = '<Column ss:Index="2" ss:Span="1" ss:StyleID="s63"/>' + xml_row(["Site", "Visits", "Share", "Rank"])
        rows += xml_row(["Marsh", 5120, 0.25, 7000]).replace(
            '<Cell><Data ss:Type="Number">0.25', '<Cell ss:StyleID="s62"><Data ss:Type="Number">0.25'
        )
        assert read(xml_workbook({"A": rows}, styles).encode(), "a.xml").text.endswith("| Marsh | 5,120 | 25% | 7000 |")

    def test_what_is_hidden_is_left_out_and_told(self) -> None:
        rows = '<Column ss:Index="2" ss:Hidden="1"/>' + xml_row(["地区", "备注", "亩"]) + xml_row(["北岭", "x", 7])
        rows += xml_row(["草稿", "y", 9], 'ss:Hidden="1"') + xml_row(["西塘", "z", 8])
        data = xml_workbook({"A": rows, "B": xml_row(["Draft", 1])})
        options = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
        data = data.replace("</Table></Worksheet></Workbook>", f"</Table>{options}</Worksheet></Workbook>")
        document = read(data.encode(), "a.xml")
        assert document.text == "## A\n\n| 地区 | 亩 |\n| --- | --- |\n| 北岭 | 7 |\n| 西塘 | 8 |"
        assert document.notes[0].startswith("1 hidden sheet, 1 hidden row and 1 hidden column were left out")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
    def test_entities_are_refused(self, encoding: str) -> None:
        bomb = xml_workbook({"A": xml_row(["&b;"])})
        bomb = bomb.replace("<Workbook", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Workbook', 1)
        with pytest.raises(UnreadableSource, match="entities"):
            read(bomb.encode(encoding), "a.xml")


class TestBooksAndMail:
    def test_a_book_is_its_chapters_in_order_with_its_title(self) -> None:
        document = read(epub(["<h1>One</h1><p>First.</p>", "<h1>二</h1><p>第二章。</p>"], "A Book"))
        assert document.title == "A Book"
        assert document.text == "# One\n\nFirst.\n\n# 二\n\n第二章。"

    def test_a_message_is_read_and_each_attachment_beside_it(self) -> None:
        data = eml(
            "季度报告",
            "Please find the report.\n",
            {"报告.docx": docx(paragraph("收入增长7%。")), "pixel.bin": bytes(9)},
        )
        errors: list[SourceError] = []
        documents = reader_of("a", data).read(Source(data, "m.eml", "m.eml"), errors.append)
        assert [document.name for document in documents] == ["m.eml", "m.eml/报告.docx"]
        assert documents[0].text.startswith("# 季度报告\n\nFrom: Li Na <li@example.org>\n")
        assert documents[0].text.endswith("Please find the report.")
        assert documents[1].text == "收入增长7%。"
        assert ["pixel.bin" in str(error) for error in errors] == [True]

    def test_a_message_in_html_is_read_as_text(self) -> None:
        assert read(eml("Hello", "<p>Roads &amp; <b>bridges</b></p>", html=True)).text.endswith("\n\nRoads & bridges")

    def test_attachments_of_one_name_are_two_documents(self) -> None:
        message = EmailMessage()
        message["From"], message["Message-ID"], message["Subject"] = "a@example.org", "<1@example.org>", "Files"
        for text in ("茶园", "Roads"):
            message.add_attachment(text, filename="report.txt")
        assert [(one.name, one.text.strip()) for one in read_all(message.as_bytes())] == [
            ("m.eml", "# Files\n\nFrom: a@example.org"),
            ("m.eml/report.txt", "茶园"),
            ("m.eml/report (2).txt", "Roads"),
        ]

    @pytest.mark.parametrize("outer", ["signed", "alternative"])
    def test_attachments_are_read_wherever_they_stand(self, outer: str) -> None:
        """Beside the text that is signed with them, and beside the formatted text alone, as Apple Mail has it."""
        text, signature = "Content-Type: text/plain\n\nSee below.\n", "Content-Type: application/pgp-signature\n\nx\n"
        html = "Content-Type: text/html\n\n<p>See below.</p>\n"
        inner = f"Content-Type: multipart/mixed; boundary=B\n\n--B\n{text if outer == 'signed' else html}"
        inner += "--B\nContent-Disposition: attachment; filename=votes.csv\n\nName,Vote\nAnn,yes\n"
        inner += f"--B\n{html}--B--\n" if outer == "alternative" else "--B--\n"
        parts = (inner, signature) if outer == "signed" else (text, inner)
        head = f"From: a@example.org\nMessage-ID: <1@x>\nContent-Type: multipart/{outer}; boundary=A\n\n"
        data = head + "".join(f"--A\n{part}" for part in parts) + "--A--\n"
        assert [(one.name, one.text) for one in read_all(data.encode())] == [
            ("m.eml", "From: a@example.org\n\nSee below."),
            ("m.eml/votes.csv", "| Name | Vote |\n| --- | --- |\n| Ann | yes |"),
        ]

    def test_attachments_of_a_message_deep_in_folders_are_read(self) -> None:
        name = "2023/q1/finance/reports/mails/m.eml"
        source = Source(eml("Votes", "See below.", {"a.txt": b"Ann: yes"}), name, name)
        found = reader_of(name, source.data).read(source, pytest.fail)
        assert [one.name for one in found] == [name, f"{name}/a.txt"]

    def test_fields_that_are_bare_bytes_or_no_address_are_read(self) -> None:
        data = "From: a@[b\r\nMessage-ID: <1@x>\r\nSubject: 会议纪要\r\n\r\n预算五万元。\r\n".encode("gb18030")
        assert read(data).text == "# 会议纪要\n\nFrom: a@[b\n\n预算五万元。"

    def test_an_attached_message_keeps_its_words(self) -> None:
        inner = "From: b@example.org\r\nSubject: 内层\r\n\r\n正文。".encode("gb18030")
        outer = b"From: a@example.org\r\nMessage-ID: <1@x>\r\nSubject: Outer\r\nMIME-Version: 1.0\r\n"
        outer += b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nSee below.\r\n--B\r\n"
        outer += b"Content-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--B--\r\n"
        assert read_all(outer)[1].text == "# 内层\n\nFrom: b@example.org\n\n正文。"

    def test_a_message_whose_plain_part_is_empty_is_read_from_the_other(self) -> None:
        message = EmailMessage()
        message["From"], message["Message-ID"] = "a@example.org", "<1@example.org>"
        message.set_content(" \n")
        message.add_alternative("<p>The budget is 5 million.</p>", subtype="html")
        assert read(message.as_bytes()).text == "From: a@example.org\n\nThe budget is 5 million."

    def test_an_attachment_that_breaks_its_reader_is_named_and_the_others_are_read(self) -> None:
        broken = docx(paragraph("x")).replace(b"word/document.xml", b"word/document.xmx")
        style = '<w:style w:styleId="H1"><w:pPr><w:outlineLvl w:val="x"/></w:pPr></w:style>'
        styles = with_part(docx(paragraph("x", "H1")), "word/styles.xml", "</w:styles>", f"{style}</w:styles>")
        errors: list[SourceError] = []
        found = read_all(eml("会议", "请看附件。", {"a.docx": styles, "b.docx": broken, "c.txt": b"Tea"}), errors)
        assert [one.name for one in found] == ["m.eml", "m.eml/c.txt"]
        assert ["attachment a.docx" in str(error) or "attachment b.docx" in str(error) for error in errors] == [
            True
        ] * 2


class TestTables:
    def test_two_halves_under_the_same_names_are_read_one_after_the_other(self) -> None:
        pay, wages = ["301", "Pay", 12, "302", "Goods", 3], ["30101", "Wages", 8, None, None, None]
        text = read(xlsx({"A": [["Code", "Item", "Sum"] * 2, pay, wages]}), "a.xlsx").text
        names = "| Code | Item | Sum |\n| --- | --- | --- |\n"
        assert text.endswith(f"{names}| 301 | Pay | 12 |\n| 30101 | Wages | 8 |\n| 302 | Goods | 3 |")

    def test_two_halves_below_other_names_are_two_tables(self) -> None:
        rows = [
            ["Income", None, "Spending", None],
            ["Item", "Sum"] * 2,
            ["Fees", 12, "Pay", 3],
            ["Rents", 8, None, None],
        ]
        text = read(xlsx({"A": rows}, merged=["A1:B1", "C1:D1"]), "a.xlsx").text
        one, other = (f"| {name} Item | {name} Sum |\n| --- | --- |\n" for name in ("Income", "Spending"))
        assert text.endswith(f"{one}| Fees | 12 |\n| Rents | 8 |\n\n{other}| Pay | 3 |")

    def test_a_row_over_all_columns_parts_a_table_whose_names_stay(self) -> None:
        rows = [["项目", "2022", "2023"], ["公路", 1, 2], ["其中：新建", None, None], ["桥梁", 3, 4]]
        text = read(xlsx({"A": rows}, merged=["A3:C3"]), "a.xlsx").text
        names = "| 项目 | 2022 | 2023 |\n| --- | --- | --- |\n"
        assert text.endswith(f"{names}| 公路 | 1 | 2 |\n\n其中：新建\n\n{names}| 桥梁 | 3 | 4 |")

    def test_rows_over_all_columns_right_below_the_names_keep_them_too(self) -> None:
        rows = [
            ["Claims", "2022", "2023"],
            ["Section 4", None, None],
            ["Miners", None, None],
            ["Filed", 1, 2],
            ["Paid", 3, 4],
        ]
        text = read(xlsx({"A": rows}, merged=["A2:C2", "A3:C3"]), "a.xlsx").text
        assert text.endswith(
            "Section 4\n\nMiners\n\n| Claims | 2022 | 2023 |\n| --- | --- | --- |\n| Filed | 1 | 2 |\n| Paid | 3 | 4 |"
        )
        rows = [s.text for passage in chunk(repair(text)) for s in passage.sentences if "Filed" in s.text]
        assert rows == ["Miners\nClaims | 2022 | 2023\nFiled | 1 | 2"]

    def test_names_in_two_lines_above_single_columns_stay_theirs(self) -> None:
        rows = [["Place", None, None, "Mountain", "Coastal"], [None, "Total", "Town", "village", "village"]]
        text = read(xlsx({"A": [*rows, ["North", 9, 4, 3, 2], ["South", 8, 3, 3, 2]]}), "a.xlsx").text
        assert "| Place | Total | Town | Mountain village | Coastal village |" in text

    def test_rows_are_read_with_the_names_of_their_own_table(self) -> None:
        sheets = [
            ["Year 2022", "Sales"],
            ["North", 1],
            ["South", 2],
            [None, None],
            ["Year 2023", "Sales"],
            ["North", 3],
        ]
        text = read(xlsx({"A": sheets}), "a.xlsx").text
        rows = [sentence.text for passage in chunk(repair(text)) for sentence in passage.sentences]
        assert rows == [
            f"Year 202{y} | Sales\n{row}" for y, row in ((2, "North | 1"), (2, "South | 2"), (3, "North | 3"))
        ]

    def test_wide_tables_keep_their_header_with_each_row(self) -> None:
        names = [f"a rather long name of column {number}" for number in range(8)]
        text = read(xlsx({"A": [["Region", *names], ["North", *range(8)], ["South", *range(8)]]}), "a.xlsx").text
        sentences = [sentence.text for passage in chunk(repair(text)) for sentence in passage.sentences]
        assert len(sentences) == 2
        assert all("name of column 7" in sentence and sentence.rstrip().endswith("| 7") for sentence in sentences)
