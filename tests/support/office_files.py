"""Makes small Office files, books and e-mails for tests: archives of XML written by hand, so that no binary is kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from xml.sax.saxutils import escape

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_STYLES = f"""<w:styles {_W}>
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/></w:style>
<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Own"/><w:basedOn w:val="H1"/></w:style>
</w:styles>"""
_NUMBERING = f"""<w:numbering {_W}>
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>
<w:lvlText w:val="•"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>
<w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""


def archive(parts: Mapping[str, str | bytes], first: Mapping[str, str] | None = None) -> bytes:
    """Return a ZIP archive; ``first`` are parts that stand first and are not compressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in (first or {}).items():
            zipped.writestr(name, content, zipfile.ZIP_STORED)
        for name, content in parts.items():
            zipped.writestr(name, content)
    return file.getvalue()


def unpacked(data: bytes) -> dict[str, str | bytes]:
    """Return the parts of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def with_part(data: bytes, name: str, old: str, new: str) -> bytes:
    """Return an archive with ``new`` for ``old`` in one of its parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        return archive({**unpacked(data), name: zipped.read(name).decode().replace(old, new)})


def paragraph(text: str, style: str = "", number: int | None = None) -> str:
    """Return a Word paragraph; ``text`` may hold runs, as ``run`` makes them."""
    numbered = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>' if number else ""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = text if text.startswith("<") else run(text)
    return f"<w:p><w:pPr>{styled}{numbered}</w:pPr>{runs}</w:p>"


def centred(text: str, size: int = 0) -> str:
    """Return a Word paragraph in the middle, with letters of ``size`` half points."""
    letters = f'<w:rPr><w:sz w:val="{size}"/></w:rPr>' if size else ""
    return f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r>{letters}<w:t>{escape(text)}</w:t></w:r></w:p>'


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def word_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a Word table; a cell "<" goes on with the one to its left, "^" with the one above it."""
    lines = []
    for number, row in enumerate(rows):
        cells = ""
        for index, text in enumerate(row):
            if text == "<":
                continue
            width = 1 + sum(1 for _ in _run_of(row[index + 1 :], "<"))
            below = number + 1 < len(rows) and rows[number + 1][index] == "^"
            merge = "<w:vMerge/>" if text == "^" else '<w:vMerge w:val="restart"/>' if below else ""
            shown = "" if text == "^" else text
            cells += f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/>{merge}</w:tcPr>{paragraph(shown)}</w:tc>'
        lines.append(f"<w:tr>{cells}</w:tr>")
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def _run_of(row: Sequence[str], mark: str) -> Sequence[str]:
    return row[: next((index for index, text in enumerate(row) if text != mark), len(row))]


def docx(body: str, footnotes: Mapping[int, str] | None = None) -> bytes:
    """Return a Word document with this body, in which the styles T, H1, H2 and Mine are known."""
    notes = "".join(f'<w:footnote w:id="{id}">{paragraph(text)}</w:footnote>' for id, text in (footnotes or {}).items())
    separator = f'<w:footnote w:type="separator" w:id="-1">{paragraph("----")}</w:footnote>'
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": _STYLES,
            "word/numbering.xml": _NUMBERING,
            "word/footnotes.xml": f"<w:footnotes {_W}>{separator}{notes}</w:footnotes>",
        }
    )


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="{id}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for id, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


_SLIDE = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{_OFFICE}/relationships" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)


def shape(lines: Sequence[str], top: int, kind: str = "") -> str:
    """Return a shape of a slide ``top`` points from its upper edge; ``kind`` is that of a placeholder."""
    placeholder = f'<p:ph type="{kind}"/>' if kind else ""
    paragraphs = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines)
    place = f'<p:spPr><a:xfrm><a:off x="0" y="{top * 12700}"/></a:xfrm></p:spPr>'
    properties = f"<p:nvSpPr><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr>"
    return f"<p:sp>{properties}{place}<p:txBody>{paragraphs}</p:txBody></p:sp>"


def slide_table(rows: Sequence[Sequence[str]], top: int) -> str:
    cells = "".join(
        "<a:tr>"
        + "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{t}</a:t></a:r></a:p></a:txBody></a:tc>" for t in row)
        + "</a:tr>"
        for row in rows
    )
    frame = f'<p:xfrm><a:off x="0" y="{top * 12700}"/></p:xfrm>'
    data = f"<a:graphic><a:graphicData><a:tbl>{cells}</a:tbl></a:graphicData></a:graphic>"
    return f"<p:graphicFrame>{frame}{data}</p:graphicFrame>"


def chart(title: str, names: Sequence[str], rows: Mapping[str, Sequence[float]], code: str = "General") -> str:
    """Return the part of a chart: the figures of its series for each category, in a number format."""
    series = ""
    for at, name in enumerate(names):
        labels = "".join(f'<c:pt idx="{n}"><c:v>{escape(label)}</c:v></c:pt>' for n, label in enumerate(rows))
        points = "".join(f'<c:pt idx="{n}"><c:v>{row[at]}</c:v></c:pt>' for n, row in enumerate(rows.values()))
        series += (
            f'<c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>{name}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        )
        series += f"<c:cat><c:strRef><c:strCache>{labels}</c:strCache></c:strRef></c:cat>"
        code_of = f"<c:formatCode>{code}</c:formatCode>"
        series += f"<c:val><c:numRef><c:numCache>{code_of}{points}</c:numCache></c:numRef></c:val></c:ser>"
    head = f"<c:title><c:tx><c:rich><a:p><a:r><a:t>{title}</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    space = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    plot = f"<c:plotArea><c:barChart>{series}</c:barChart></c:plotArea>"
    return f"<c:chartSpace {space} {_SLIDE}><c:chart>{head}{plot}</c:chart></c:chartSpace>"


def chart_frame(id: str) -> str:
    """Return what shows a chart on a slide, or in a drawing of Word."""
    space = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    inside = f'<c:chart {space} xmlns:r="{_OFFICE}/relationships" r:id="{id}"/>'
    return f'<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData>{inside}</a:graphicData></a:graphic>'


def with_chart(data: bytes, owner: str, id: str, chart: str) -> bytes:
    """Return a document in which a part ("word/document.xml") refers to a chart by that id."""
    folder, _, name = owner.rpartition("/")
    part = {f"{folder}/chart.xml": chart, f"{folder}/_rels/{name}.rels": _relations({id: ("chart", "chart.xml")})}
    return archive({**unpacked(data), **part})


def pptx(slides: Sequence[str], notes: Mapping[int, str] | None = None) -> bytes:
    """Return slides of these shapes; ``notes`` by the number of the slide, from 1."""
    numbers = range(1, len(slides) + 1)
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in numbers)
    parts: dict[str, str] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "ppt/presentation.xml": f"<p:presentation {_SLIDE}><p:sldIdLst>{ids}</p:sldIdLst>"
        '<p:sldSz cx="9144000" cy="6858000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": _relations({f"rId{n}": ("slide", f"slides/slide{n}.xml") for n in numbers}),
    }
    for number, shapes in zip(numbers, slides, strict=True):
        tree = f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>"
        parts[f"ppt/slides/slide{number}.xml"] = f"<p:sld {_SLIDE}>{tree}</p:sld>"
        if number in (notes or {}):
            text = shape([(notes or {})[number]], 0, "body")
            relation = _relations({"rId1": ("notesSlide", f"../notesSlides/notes{number}.xml")})
            parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relation
            tree = f"<p:cSld><p:spTree>{text}</p:spTree></p:cSld>"
            parts[f"ppt/notesSlides/notes{number}.xml"] = f"<p:notes {_SLIDE}>{tree}</p:notes>"
    return archive(parts)


Value = str | float | None


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Value]]],
    merged: Sequence[str] = (),
    hidden: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
) -> bytes:
    """Return a workbook.

    Args:
        merged: ranges ("A1:C1") of its first sheet.
        formats: number formats of columns ("B"), in all sheets.
    """
    styles = {column: number for number, column in enumerate(formats or {}, start=1)}
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    entries, parts = "", {}
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        entries += f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"{state}/>'
        lines = "".join(f'<row r="{r}">{_cells(row, r, styles)}</row>' for r, row in enumerate(rows, start=1))
        ranges = "".join(f'<mergeCell ref="{area}"/>' for area in merged) if number == 1 else ""
        merges = f"<mergeCells>{ranges}</mergeCells>" if ranges else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {main}><sheetData>{lines}</sheetData>{merges}</worksheet>"
        )
    targets = {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
    namespace = f'{main} xmlns:r="{_OFFICE}/relationships"'
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
            "xl/workbook.xml": f"<workbook {namespace}><sheets>{entries}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _relations(targets),
            "xl/styles.xml": _styles(main, list((formats or {}).values())),
            **parts,
        }
    )


def _styles(main: str, formats: Sequence[str]) -> str:
    """Return the part that names number formats: style 0 has none, the others have one each."""
    codes = "".join(
        f'<numFmt numFmtId="{164 + at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for at, code in enumerate(formats)
    )
    styles = "".join(f'<xf numFmtId="{164 + at}"/>' for at in range(len(formats)))
    return f'<styleSheet {main}><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>'


def _cells(row: Sequence[Value], number: int, styles: Mapping[str, int]) -> str:
    found = ""
    for column, value in enumerate(row):
        letter = chr(ord("A") + column)
        place = f'r="{letter}{number}"' + (f' s="{styles[letter]}"' if letter in styles else "")
        if isinstance(value, str):
            found += f'<c {place} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        elif value is not None:
            found += f"<c {place}><v>{value}</v></c>"
    return found


def epub(chapters: Sequence[str], title: str) -> bytes:
    """Return a book of chapters, each the body of a page; a table of contents stands before them."""
    pages = {f"c{n}.xhtml": f"<html><body>{body}</body></html>" for n, body in enumerate(chapters, start=1)}
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml"/>' for n in range(1, len(chapters) + 1))
    order = "".join(f'<itemref idref="c{n}"/>' for n in range(1, len(chapters) + 1))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{escape(title)}</dc:title></metadata>"
        f'<manifest><item id="toc" href="toc.xhtml" properties="nav"/>{items}</manifest>'
        f'<spine><itemref idref="toc"/>{order}</spine></package>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    parts = {"META-INF/container.xml": container, "OEBPS/book.opf": package, "OEBPS/toc.xhtml": "<p>Contents</p>"}
    parts |= {f"OEBPS/{name}": page for name, page in pages.items()}
    return archive(parts, {"mimetype": "application/epub+zip"})


def eml(subject: str, text: str, attachments: Mapping[str, bytes] | None = None, html: bool = False) -> bytes:
    """Return a message."""
    message = EmailMessage()
    message["From"], message["To"] = "Li Na <li@example.org>", "office@example.org"
    message["Subject"], message["Date"] = subject, "Mon, 06 Mar 2023 09:00:00 +0800"
    message["Message-ID"] = "<1@example.org>"
    message.set_content(text, subtype="html" if html else "plain")
    for name, data in (attachments or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def ods(rows: Sequence[str]) -> bytes:
    """Return an OpenDocument sheet called "A" of these rows, each the XML of its cells; see ``ods_number``."""
    names = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text")}
    spaces = " ".join(f'xmlns:{name}="{urn}"' for name, urn in names.items())
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f'<m:file-entry m:full-path="/" m:media-type="{kind}"/>'
    manifest = f'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{entry}</m:manifest>'
    sheet = f'<office:spreadsheet><table:table table:name="A">{body}</table:table></office:spreadsheet>'
    content = f"<office:document-content {spaces}><office:body>{sheet}</office:body></office:document-content>"
    return archive({"META-INF/manifest.xml": manifest, "content.xml": content}, {"mimetype": kind})


def ods_text(text: str) -> str:
    """Return a cell with a text."""
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def ods_number(value: float, shown: str, kind: str = "float", times: int = 1) -> str:
    """Return cells with one number, as they are shown."""
    return (
        f'<table:table-cell office:value-type="{kind}" office:value="{value}" table:number-columns-repeated="{times}">'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def xml_workbook(sheets: Mapping[str, str], styles: str = "") -> str:
    """Return a workbook as one XML file: the inside of each sheet's table, and of the styles."""
    tables = "".join(f'<Worksheet ss:Name="{name}"><Table>{rows}</Table></Worksheet>' for name, rows in sheets.items())
    urn = "urn:schemas-microsoft-com:office"
    spaces = f'xmlns="{urn}:spreadsheet" xmlns:ss="{urn}:spreadsheet" xmlns:x="{urn}:excel"'
    head = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    return f"{head}<Workbook {spaces}><Styles>{styles}</Styles>{tables}</Workbook>"


def xml_row(cells: Sequence[Value], attributes: str = "") -> str:
    """Return a row of such a table."""
    kinds = ["Number" if isinstance(cell, int | float) else "String" for cell in cells]
    inside = "".join(
        f'<Cell><Data ss:Type="{kind}">{cell}</Data></Cell>' for cell, kind in zip(cells, kinds, strict=True)
    )
    return f"<Row {attributes}>{inside}</Row>"


def rtf(body: str, head: str = "") -> bytes:
    """Return a document in Rich Text Format; what is not ASCII is written as it is read, in GBK."""
    fonts = r"{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fnil\fcharset134 SimSun;}}"
    styles = r"{\stylesheet{\snext0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2 Title;}}"
    text = rf"{{\rtf1\ansi\ansicpg936\deff1{fonts}{styles}{head}{body}}}"
    return "".join(one if one < "\x7f" else "".join(f"\\'{b:02x}" for b in one.encode("gbk")) for one in text).encode()
