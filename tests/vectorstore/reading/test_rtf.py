"""Rich Text Format: characters in every way they are written, headings, lists, tables, and what doesn't show."""

from __future__ import annotations

import time

import pytest

from tests.support.office_files import eml, rtf
from vectorstore.errors import EmptySource
from vectorstore.reading import RawDocument, read_bytes


def read(data: bytes, name: str = "a.rtf") -> RawDocument:
    (document,) = read_bytes(data, name, name, pytest.fail)
    return document


def text(body: str, head: str = "") -> str:
    return read(rtf(body, head)).text


@pytest.mark.parametrize("name", ["a.rtf", "报告.doc", "notes.txt"])
def test_the_content_tells_it_whatever_the_name(name: str) -> None:
    assert (
        read(rtf(r"\pard Roads were built.\par\pard 新建公路12公里。\par"), name).text
        == "Roads were built.\n\n新建公路12公里。"
    )


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (r"\pard caf\u233\'e9 \u8364?5\par", "café €5"),
        (r"\pard\uc2 \u20843\'b0\'cb\uc1\u-28818? \par", "八轮"),
        (r"\pard {\f0 caf\'e9 \rquote s}\par", "café ’s"),
        (r"\pard\f0 \'b9\'ab\'c2\'b7\par", "公路"),
        ("\\pard\\f1 \\'81@ \\'81\\\\ x\\par", "丂 乗 x"),
        (r"\pard \u-10179?\u-8704?\par", "😀"),
        (r"\pard 5\~km\emdash a\_b opt\-ion \{x\}\par", "5\xa0km—a-b option {x}"),
        ("\\pard one\\\ntwo\\par", "one\n\ntwo"),
    ],
)
def test_characters_are_read_however_they_are_written(body: str, shown: str) -> None:
    assert text(body) == shown


def test_a_code_page_that_is_not_known_is_taken_for_the_usual_one() -> None:
    assert read(rb"{\rtf1\ansi\ansicpg0 caf\'e9}").text == "café"
    assert read(rb"{\rtf1\ansi\ansicpg950\deff0{\fonttbl{\f0 MingLiU;}}\f0 \'a4\'bd\'b8\'f4}").text == "公路"


def test_bytes_that_mean_nothing_are_replaced_and_told() -> None:
    document = read(rtf(r"\pard A\'ff road\par"))
    assert document.text == "A\ufffd road"
    assert document.notes == ("1 characters could not be decoded; each is shown as \ufffd",)


def test_headings_lists_and_raised_figures() -> None:
    body = r"\pard\s2 年度报告\par\pard\s1 Roads\par\pard\outlinelevel1 桥梁\par\pard\outlinelevel9 Plain.\par"
    body += (
        r"\pard{\listtext\pard\plain \f1 \'a1\'a4\tab}roads\par\pard{\pntext 1.\tab}bridges\par{\listtext 二、}架桥\par"
    )
    body += r"\pard Revenue 5,120{\super 2} and 3m{\super 2}, 1\super st\nosupersub .\par"
    assert text(body) == (
        "# 年度报告\n\n## Roads\n\n### 桥梁\n\nPlain.\n\n- roads\n1. bridges\n二、架桥\n\n"
        "Revenue 5,120\u202f² and 3m², 1st."
    )


def test_a_table_is_rows_and_merged_cells_are_spread() -> None:
    head = r"\trowd\cellx1000\cellx3000\pard\intbl 地区\cell 2022\cell\row"
    second = r"\trowd\cellx1000\cellx2000\cellx3000\pard\intbl\cell Roads\cell Bridges\cell\row"
    rows = r"\pard\intbl 北岭\cell 12\cell 3\cell\row\pard\intbl Ford\par town\cell 9\cell 5\cell\row"
    assert text(rf"\pard Before.\par{head}{second}{rows}\pard After.\par") == (
        "Before.\n\n"
        "| 地区 | 2022 Roads | 2022 Bridges |\n| --- | --- | --- |\n| 北岭 | 12 | 3 |\n| Ford town | 9 | 5 |\n\n"
        "After."
    )


def test_an_empty_line_parts_two_tables() -> None:
    first = r"\trowd\cellx1000\cellx3000\pard\intbl 地区\cell 公里\cell\row\pard\intbl 北岭\cell 12\cell\row"
    second = r"\trowd\cellx2000\cellx3000\pard\intbl Office\cell Staff\cell\row\pard\intbl Leeds\cell 40\cell\row"
    assert text(rf"{first}\pard\par{second}") == (
        "| 地区 | 公里 |\n| --- | --- |\n| 北岭 | 12 |\n\n| Office | Staff |\n| --- | --- |\n| Leeds | 40 |"
    )


def test_what_does_not_show_is_left_out_and_what_stands_aside_follows() -> None:
    body = r"{\header\pard 年鉴\par}{\*\generator Word;}{\info{\title Draft}}{\pict\bin5 }}\x{a ffd8}"
    body += r"\pard The new{\deleted  old} figure{\v  hidden}{\*\bkmkstart a}"
    body += r"{\footnote\pard\plain{\super\chftn} 含在建的3个。\par}, "
    body += r"see {\field{\*\fldinst{HYPERLINK x}}{\fldrslt the site}}.\par"
    body += r"\pard Box.{\shp{\*\shpinst{\sp{\sn w}{\sv 1}}{\shptxt\pard In a box\par}}{\shprslt\pard Copy\par}}\par"
    assert text(body) == "The new figure, see the site.\n\n含在建的3个。\n\nBox.\n\nIn a box"


def test_an_attachment_is_read() -> None:
    data = eml("报告", "See below.", {"报告.rtf": rtf(r"\pard 收入增长7%。\par")})
    _, document = read_bytes(data, "m.eml", "m.eml", pytest.fail)
    assert (document.name, document.text) == ("m.eml/报告.rtf", "收入增长7%。")


@pytest.mark.parametrize("data", [rb"{\rtf1\ansi{\fonttbl{\f0 A;}}}", rb"{\rtf1", rb"{\rtf1\ansi \pard}}}}{{{\par"])
def test_one_without_text_is_refused(data: bytes) -> None:
    with pytest.raises(EmptySource, match=r"^a\.rtf holds no text"):
        read(data)


@pytest.mark.parametrize(
    "piece",
    [r"\pard{\b 茶园}{\super 2} and more\par ", "{", r"{\footnote ", r"\u-10179", r"\trowd\cellx9\intbl a\cell\row"],
)
def test_it_takes_linear_time(piece: str) -> None:
    begun = time.process_time()
    read(rtf("x" + piece * (400_000 // len(piece))) + b"\\par}")
    assert time.process_time() - begun < 30
