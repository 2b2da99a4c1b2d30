"""The text of a Rich Text Format file: paragraphs with their levels and labels, and rows of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from vectorstore.reading.placed import raised
from vectorstore.reading.rtf_tokens import Token, codec_of_charset, codec_of_page, tokens

_NOTHING = """
annotation atnauthor atndate atnicn atnid atnref atntime atrfend atrfstart author background bkmkend
bkmkstart buptim category colorschememapping colortbl comment company creatim datafield datastore defchp
defpap docvar falt ffdeftext ffentrymcr ffexitmcr ffformat ffhelptext ffl ffname ffstattext filetbl fldinst
fontemb footer footerf footerl footerr formfield ftncn ftnsep ftnsepc aftncn aftnsep aftnsepc generator
header headerf headerl headerr info keywords latentstyles listlevel listoverridetable listtable manager
mailmerge nextfile nonesttables nonshppict objclass objdata objname operator panose password
pgptbl picprop pict pn private revtbl rsidtbl rxe shprslt sn sv subject tc template themedata title txe
userprops wgrffmtfilter xe xmlnstbl
"""
_SKIPPED = frozenset(_NOTHING.split())
"""Groups that show nothing, that stand on every page, or that are copies for older programs."""
_ASIDE = ("footnote", "shptxt")
"""Groups whose paragraphs are not those around them: they follow the paragraph that they stand in."""
_LABELS = ("listtext", "pntext")
_SIGNS = {
    "tab": " ", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "qmspace": " ",
    "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "~": "\xa0", "_": "-",
    "nestcell": " ",
}  # fmt: skip
_ENDS = ("par", "sect", "page", "\n", "\r")
_HEADING = re.compile(r"(?:heading|标题|標題) ?([1-9])$", re.I)
_TITLE = ("title", "标题", "標題")
_DEEPEST = 8  # asides inside asides
_NO_HEADING = 9  # the outline level of text
_WIDE = ("gb18030", "cp932", "cp949", "cp950")


@dataclass
class Paragraph:
    """A paragraph; what stands aside of it (footnotes, text boxes) follows it."""

    text: str
    level: int = 0
    """Of a heading: 1 is the title; 0 for none."""
    label: str = ""
    """The number or mark that stands before it."""
    aside: list[Paragraph | Row] = field(default_factory=list)


@dataclass
class Row:
    """A row of a table."""

    cells: list[str]
    edges: list[CellEdge]
    """Of each cell, as far as they are told."""
    aside: list[Paragraph | Row] = field(default_factory=list)


@dataclass(frozen=True)
class CellEdge:
    """Where a cell ends, in twentieths of a point, and whether it goes on with the one before it, or above."""

    right: int
    across: bool = False
    down: bool = False


Block = Paragraph | Row


@dataclass(frozen=True)
class _State:
    """What holds inside of a group."""

    into: str = "text"
    """What its text belongs to: text, label, fonts, styles; empty for nothing."""
    font: int | None = None
    skip: int = 1
    """Characters that stand for one behind it, for programs that don't know it."""
    raised: bool = False
    hidden: bool = False
    starred: bool = False
    """What follows is left out by programs that don't know it."""
    flow: int = 0
    """How many asides it is in."""


@dataclass
class _Flow:
    """Paragraphs in the making."""

    blocks: list[Block] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    aside: list[Block] = field(default_factory=list)
    style: int | None = None
    level: int | None = None
    in_table: bool = False
    edges: list[CellEdge] = field(default_factory=list)


class RtfText:
    """Reads a file: ``blocks`` are its paragraphs and rows, ``replaced`` characters could not be decoded."""

    def __init__(self, data: bytes) -> None:
        self.replaced = 0
        self._codec = "cp1252"
        self._fonts: dict[int, str | None] = {}
        self._default_font: int | None = None
        self._levels: dict[int, int] = {}
        self._defined: tuple[int, int | None] = (0, None)
        self._name: list[str] = []
        self._bytes: list[bytes] = []
        self._skipping = 0
        self._across = self._down = False
        self._states = [_State()]
        self._flows = [_Flow()]
        for token in tokens(data):
            self._take(token)
            if token.word == "}" and len(self._states) == 1:
                break
        self._flush()
        while len(self._states) > 1:
            self._close()
        self._end_paragraph()
        self.blocks = self._flows[0].blocks

    @property
    def _state(self) -> _State:
        return self._states[-1]

    def _set(self, **changes: object) -> None:
        self._states[-1] = replace(self._states[-1], **changes)  # type: ignore[arg-type]

    def _take(self, token: Token) -> None:
        if not token.word:
            skipped = min(self._skipping, len(token.data))
            self._skipping -= skipped
            if self._state.into and not self._state.hidden:
                self._bytes.append(token.data[skipped:])
            return
        if token.word not in "{}" and self._skipping:
            self._skipping -= 1
            return
        self._flush()
        if token.word == "{":
            self._skipping = 0
            self._states.append(replace(self._state, starred=False) if self._state.starred else self._state)
        elif token.word == "}":
            self._skipping = 0
            self._close()
        elif token.word == "*":
            self._set(starred=True)
        else:
            self._control(token.word, token.number)

    def _close(self) -> None:
        ended = self._states.pop() if len(self._states) > 1 else self._state
        while len(self._flows) - 1 > self._state.flow:
            self._end_flow()
        if ended.into == "styles" and self._name:
            self._define_style()

    def _control(self, word: str, number: int | None) -> None:
        starred = self._state.starred
        if starred:
            self._set(starred=False)
        if word in _ASIDE:
            if len(self._flows) <= _DEEPEST:
                self._flows.append(_Flow())
            self._set(into="text", flow=len(self._flows) - 1, hidden=False, raised=False)
        elif word in _LABELS:
            self._set(into="label" if self._state.into == "text" else "")
        elif word in ("fonttbl", "stylesheet"):
            self._set(into="fonts" if word == "fonttbl" else "styles")
        elif word == "nesttableprops":  # they stand at the end of each row of a table inside a cell
            self._write("\n")
            self._set(into="")
        elif word in _SKIPPED or (starred and word not in ("shpinst", "shppict", "cs", "ds")):
            self._set(into="styles" if self._state.into == "styles" and word == "cs" else "")
        elif word == "ansicpg" and number is not None:
            self._codec = codec_of_page(number)
        elif word in ("mac", "pc", "pca"):
            self._codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "deff":
            self._default_font = number
        elif word == "uc":
            self._set(skip=max(0, number or 0))
        elif self._state.into in ("fonts", "styles"):
            self._define(word, number)
        elif self._state.into:
            self._format(word, number)

    def _define(self, word: str, number: int | None) -> None:
        """Note a control word of the table of fonts, or of styles."""
        if word == "f" and self._state.into == "fonts":
            self._set(font=number)
        elif word == "fcharset" and self._state.font is not None:
            self._fonts[self._state.font] = codec_of_charset(number or 0) or ("cp1252" if number == 0 else None)
        elif word == "cpg" and self._state.font is not None and number:
            self._fonts[self._state.font] = codec_of_page(number)
        elif word == "s" and self._state.into == "styles":
            self._defined = (number or 0, None)
        elif word == "outlinelevel":
            self._defined = (self._defined[0], number)
        elif word == "u":
            self._unicode(number)

    def _define_style(self) -> None:
        name = "".join(self._name).strip().rstrip(";").strip()
        self._name.clear()
        index, outline = self._defined
        heading = _HEADING.match(name)
        if name.lower() in _TITLE:
            self._levels[index] = 1
        elif heading or (outline is not None and outline < _NO_HEADING):
            self._levels[index] = (int(heading[1]) if heading else (outline or 0) + 1) + 1
        self._defined = (0, None)

    def _format(self, word: str, number: int | None) -> None:
        """Follow a control word of the text."""
        flow = self._flows[self._state.flow]
        if word in _SIGNS:
            self._write(_SIGNS[word])
        elif word == "u":
            self._unicode(number)
        elif word in _ENDS and flow.in_table:
            self._write("\n")
        elif word in _ENDS:
            self._end_paragraph()
        elif word in ("cell", "row"):
            self._end_cell() if word == "cell" else self._end_row()
        elif word == "f":
            self._set(font=number)
        elif word == "plain":
            self._set(font=None, raised=False, hidden=False)
        elif word in ("super", "up", "nosupersub", "sub", "dn"):
            self._set(raised=word in ("super", "up") and number != 0)
        elif word in ("v", "deleted"):
            self._set(hidden=number != 0)
        else:
            self._lay_out(flow, word, number)

    def _lay_out(self, flow: _Flow, word: str, number: int | None) -> None:
        if word == "pard":
            flow.style, flow.level, flow.in_table = None, None, False
        elif word == "s":
            flow.style = number
        elif word == "outlinelevel":
            flow.level = number
        elif word == "intbl":
            flow.in_table = True
        elif word == "trowd":
            flow.edges = []
            self._across = self._down = False
        elif word in ("clmrg", "clvmrg"):
            self._across, self._down = self._across or word == "clmrg", self._down or word == "clvmrg"
        elif word == "cellx":
            flow.edges.append(CellEdge(number or 0, self._across, self._down))
            self._across = self._down = False

    def _unicode(self, number: int | None) -> None:
        code = (number or 0) % 0x10000
        self._skipping = self._state.skip
        if code:
            self._write(chr(code))

    def _flush(self) -> None:
        """Decode the bytes at hand: two may be one character, however each is written."""
        data = b"".join(self._bytes)
        self._bytes.clear()
        if data:
            text = data.decode(self._codec_for(data), "replace")
            self.replaced += text.count("\ufffd")
            self._write(text)

    def _codec_for(self, data: bytes) -> str:
        font = self._state.font if self._state.font is not None else self._default_font
        own = self._fonts.get(font) if font is not None and self._state.into != "fonts" else None
        if own != "cp1252" or self._codec not in _WIDE or data.isascii():
            return own or self._codec
        try:  # a Western font in a Chinese document: other programs write Chinese in it
            data.decode(self._codec)
        except UnicodeDecodeError:
            return own
        return self._codec

    def _write(self, text: str) -> None:
        state, flow = self._state, self._flows[self._state.flow]
        if state.hidden or not state.into:
            return
        if state.into == "label":
            flow.label.append(text)
        elif state.into == "styles":
            self._name.append(text)
        elif state.into == "text":
            flow.text.append(raised(text, flow.text[-1] if flow.text else "") if state.raised else text)

    def _taken(self) -> str:
        """Return the text at hand, with characters whole that are written as two halves."""
        flow = self._flows[self._state.flow]
        text = "".join(flow.text)
        flow.text.clear()
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()

    def _end_paragraph(self) -> None:
        flow = self._flows[self._state.flow]
        text = self._taken()
        label = "".join(flow.label).strip()
        flow.label.clear()
        if text or flow.aside or (flow.blocks and isinstance(flow.blocks[-1], Row)):  # an empty one parts two tables
            flow.blocks.append(Paragraph(text, self._level(flow), label if text else "", flow.aside))
            flow.aside = []

    def _level(self, flow: _Flow) -> int:
        if flow.level is None:
            return self._levels.get(flow.style or 0, 0)
        return flow.level + 2 if 0 <= flow.level < _NO_HEADING else 0

    def _end_cell(self) -> None:
        flow = self._flows[self._state.flow]
        label = "".join(flow.label).strip()
        flow.label.clear()
        flow.cells.append(f"{label} {self._taken()}".strip())

    def _end_row(self) -> None:
        flow = self._flows[self._state.flow]
        if flow.cells:
            flow.blocks.append(Row(flow.cells, flow.edges, flow.aside))
        flow.cells, flow.aside = [], []

    def _end_flow(self) -> None:
        """Put the paragraphs of a footnote or text box beside the paragraph that it stands in."""
        at = len(self._flows) - 1
        self._states.append(replace(self._state, flow=at))
        self._end_paragraph()
        self._states.pop()
        self._flows[at - 1].aside += self._flows.pop().blocks


def blocks_in_order(blocks: list[Block]) -> Iterator[Block]:
    """Yield paragraphs and rows, what stands aside behind the paragraph (or the table) that it stands in."""
    waiting: list[Block] = []
    for block in blocks:
        if waiting and isinstance(block, Paragraph):
            yield from blocks_in_order(waiting)
            waiting = []
        yield block
        if isinstance(block, Row):
            waiting += block.aside
        else:
            yield from blocks_in_order(block.aside)
    if waiting:
        yield from blocks_in_order(waiting)
