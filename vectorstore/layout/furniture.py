"""Page furniture: navigation, the line with date and source, credits, licence footers; and the date and source in it.

Only the top and the bottom of a document are searched, and only short lines without a full stop can be furniture: a
superfluous line in a passage does little harm, but a missing line of content can't be cited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed
from vectorstore.text.language import mostly_latin
from vectorstore.text.years import YEAR
from vectorstore.types import BlockKind

TOP = 14
"""Pieces in which navigation and the date line are looked for."""
BOTTOM = 25
"""Pieces in which the footer is looked for."""
_MOST_LINES = 12
_SHARE = 0.3
"""Lines of a footer below its first sure one, and their share of the document's characters, at most."""
_SHORT = 160
_LONGEST_MENU, _LONGEST_MENU_LATIN = 60, 120
_LONGEST_IMPRINT = 70
"""Characters beside the date on the line that gives date and source."""
_SENTENCE = re.compile(r"[。，；！？]|\.\.\.|, [a-z]")

_DATE = re.compile(
    rf"(?<!\d)(?P<y>{YEAR})\s*[-/.年]\s*(?P<m>\d{{1,2}})\s*[-/.月]\s*(?P<d>\d{{1,2}})(?!\d)\s*日?"
    r"(?:[ T\u3000]*(?P<h>[0-2]?\d)\s*[:：时]\s*(?P<min>[0-5]\d)(?:[:：分]\s*(?P<s>[0-5]\d))?\s*秒?分?)?"
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_LATIN_DATE = re.compile(
    r"\b(?:(?P<d1>\d{1,2}) )?(?P<m>" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS) + r")\.? "
    rf"(?:(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? )?(?P<y>{YEAR})\b"
)
_ABOUT_WORDS = "来源|作者|发布|发表|发稿|更新|编辑|责编|记者|浏览|点击|阅读|访问|字号|字体|打印|分享|供稿"
_ABOUT = re.compile(rf"{_ABOUT_WORDS}|\b(?:Source|Published|Updated|Posted|Author|Views?)\b|\bBy (?=[A-Z])")
_ABOUT_LABEL = re.compile(
    rf"\S{{0,2}}(?:{_ABOUT_WORDS})(?:次数|量|数|人|单位|机构|部门|时间|日期)?"
    r"|(?:Source|By|Published|Updated|Posted|Author|Views?)(?: on| by| at)?"
)
_DATE_LABELS = re.compile(
    r"(?:发布|发表|发稿|更新|成文|上传)(?:时间|日期)?|(?:信息|文章)?来源|作者|[Pp]ublished|[Uu]pdated|[Pp]osted|[Dd]ate|Source"
)
_SOURCE = re.compile(
    r"(?:(?:信息|文章|稿件|新闻)?来源|Source)\s*[:：]\s*(?P<source>.+?)\s*"
    rf"(?=$|[|丨【\[(（]|{YEAR}[-/.年]|\s{{2,}}|[ \u3000](?=\S{{2,5}}[:：])|"
    r"作者|编辑|责编|责任编辑|记者|发布|字号|字体|浏览|点击|阅读|打印|分享|时间|日期)"
)
_NAVIGATION = re.compile(
    r"首页|当前位置|您(?:现在)?的位置|所在位置|网站地图|设为首页|加入收藏|收藏本站|\bSkip to\b|»|>>|\S > \S|&gt;"
)
_ENTRY = re.compile(r"登录|注册|无障碍|简体|繁体|网站导航|客户端|\b(?:Home|Menu|Sign in|Log ?in|Subscribe)\b")
"""An entry of a menu; in a longer line, which may be a title ("Home Office annual report"), one alone says nothing."""
_LONGEST_ENTRY = 6
_FOOTER = re.compile(
    rf"版权所有|©|[(（][cC][)）] ?{YEAR}|\bCopyright\s*(?:©|\([cC]\)|{YEAR})|\bAll rights reserved\b|"
    r"ICP备|公网安备|网站标识码|违法和不良信息|Terms of (?:Use|Service)|Privacy Policy|Cookie Policy",
    re.IGNORECASE,
)
_PERMIT = re.compile(r"备案号|许可证[^，。]{0,12}(?:号|\d)")
"""Stands in the footer of a site, and among the fields of a form."""
_NEAR_FOOTER = re.compile(
    r"(?:主办|承办|协办|主管)(?:单位)?[:：]|^地址[:：]|邮编[:：]|(?:联系)?电话[:：]|传真[:：]|邮箱[:：]|E-?mail[:：]|"
    r"联系我们|关于我们|网站地图|上一[篇条页]|下一[篇条页]|相关(?:阅读|链接|新闻|文章|报道|推荐)|推荐阅读|热门|"
    r"分享(?:到|至)?|打印|关闭(?:窗口|本页)|"
    r"返回(?:顶部|首页|列表)|扫一扫|二维码|阅读原文|免责声明|技术支持|友情链接|"
    r"\bContact us\b|\bShare\b|\bRelated\b|\bRead more\b",
    re.IGNORECASE,
)
_CREDIT_WORDS = (
    "责任编辑|值班编辑|执行编辑|编辑|责编|编审|校对|审校|审核人|终审|监制|统筹|供稿|来稿|撰稿|摄影|摄|文字|文/图|图/文|文|图|"
    "本报记者|新华社记者|记者|通讯员|实习生|作者|来源|信息来源|稿件来源|原标题|Editor|Edited by|Source|Author"
)
_CREDIT = re.compile(rf"[（(【\[]?\s*(?:{_CREDIT_WORDS})\s*[:：/／丨|]\s*\S.{{0,50}}$")
_TAIL_CREDIT = re.compile(
    rf"(?:(?<!\s)\s+)?(?:[（(【]\s*(?:{_CREDIT_WORDS})(?:\s*[:：/／丨|]|[ \u3000])[^（()）]{{1,60}}[）)】]\s*){{1,9}}$"
)


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a document's furniture says about it."""

    date: str | None = None
    source: str | None = None
    date_line: int | None = None
    """Index of the piece that gives them; the title stands right above it."""


def mark_furniture(pieces: list[Piece]) -> Imprint:
    """Set the kind of the pieces that are furniture (a credit behind the last sentence becomes a piece of its own)."""
    if len(pieces) < 2:
        return Imprint()
    _mark_footer(pieces)
    _cut_off_credit(pieces)
    imprint = _imprint(pieces)
    _mark_navigation(pieces, imprint.date_line)
    if imprint.source is None:
        imprint = Imprint(imprint.date, _credited_source(pieces), imprint.date_line)
    return imprint


def _is_small(piece: Piece) -> bool:
    return piece.kind is None and piece.lines == 1 and len(piece.text) <= _SHORT and piece.role is not Role.CODE


def _mark_footer(pieces: Sequence[Piece]) -> None:
    first = max(0, len(pieces) - BOTTOM)
    strong = [
        index
        for index in range(first, len(pieces))
        if _is_small(pieces[index]) and _is_of_footer(pieces, index) and not _ends_a_sentence(pieces[index])
    ]
    begin = len(pieces)
    if strong and _is_footer(pieces, strong[0]):
        begin = strong[0]
    while begin > first and _is_small(pieces[begin - 1]):
        text = pieces[begin - 1].text
        near = bool(strong) and _NEAR_FOOTER.search(text) is not None and not is_closed(text)
        if _is_field(pieces, begin - 1) or not (near or _CREDIT.match(text)):
            break
        begin -= 1
    for piece in pieces[max(begin, 1) :]:
        piece.kind = BlockKind.FURNITURE


def _is_of_footer(pieces: Sequence[Piece], index: int) -> bool:
    text = pieces[index].text
    return _FOOTER.search(text) is not None or (_PERMIT.search(text) is not None and not _is_field(pieces, index))


def _is_field(pieces: Sequence[Piece], index: int) -> bool:
    """Whether a labelled line is one of a form's: above it stands a label that neither footers nor credits have."""
    while index > 0 and pieces[index].role is Role.LABEL:
        index -= 1
        text = pieces[index].text
        if not any(pattern.search(text) for pattern in (_FOOTER, _PERMIT, _NEAR_FOOTER)) and not _CREDIT.match(text):
            return pieces[index].kind is None and pieces[index].role is Role.LABEL
    return False


def _is_footer(pieces: Sequence[Piece], begin: int) -> bool:
    """Whether nothing but small lines, no sentence, and little of the text stands from a footer's first line on."""
    lines = pieces[begin:]
    length = sum(len(piece.text) for piece in lines)
    whole = sum(len(piece.text) for piece in pieces)
    small = all(_is_small(piece) and not _ends_a_sentence(piece) for piece in lines)
    return small and len(lines) <= _MOST_LINES and length <= max(_SHORT, _SHARE * whole)


def _ends_a_sentence(piece: Piece) -> bool:
    return piece.text.endswith("。") or (piece.text.endswith(".") and mostly_latin(piece.text) and len(piece.text) > 80)


def _cut_off_credit(pieces: list[Piece]) -> None:
    """Make a piece of its own of a credit in brackets behind the last sentence of the text."""
    for index in range(len(pieces) - 1, max(-1, len(pieces) - BOTTOM), -1):
        piece = pieces[index]
        if piece.kind is BlockKind.FURNITURE:
            continue
        match = _TAIL_CREDIT.search(piece.text)
        if match and match.start() > 0 and is_closed(piece.text[: match.start()]) and len(piece.spans) == 1:
            start, _end = piece.spans[0]
            shift = len(match[0]) - len(match[0].lstrip())
            credit = Piece(match[0].strip(), [], 0, kind=BlockKind.FURNITURE)
            credit.spans = [(start + match.start() + shift, start + match.start() + shift + len(credit.text))]
            piece.text, piece.spans = piece.text[: match.start()], [(start, start + match.start())]
            pieces.insert(index + 1, credit)
        return


def _imprint(pieces: Sequence[Piece]) -> Imprint:
    """Find the line that gives date and source; it becomes furniture when it is more than a bare date."""
    for index, piece in enumerate(pieces[:TOP]):
        if not _is_small(piece) or len(piece.text) > 120 or _is_sentence(piece.text):
            continue
        date = _date(piece.text)
        source = _SOURCE.search(piece.text)
        if not (date and _tells_date(piece)) and not (source and _DATE_LABELS.match(piece.text) and index <= 3):
            continue
        bare = not _ABOUT.search(piece.text) and not re.search(r"\d[:：]\d|-|/", piece.text)
        if not bare:
            piece.kind = BlockKind.FURNITURE
        return Imprint(date, source["source"].strip() if source else None, index)
    return Imprint()


def _tells_date(piece: Piece) -> bool:
    rest = _LATIN_DATE.sub("", _DATE.sub("", piece.text)).strip()
    if len(rest) > _LONGEST_IMPRINT or _SENTENCE.search(rest):
        return False
    if _DATE.match(piece.text) or _LATIN_DATE.match(piece.text):
        return not rest or _ABOUT.search(rest) is not None
    if piece.role is Role.LABEL:
        return any(labels.fullmatch(piece.label) for labels in (_DATE_LABELS, _ABOUT_LABEL))
    return _ABOUT.match(rest) is not None


def _is_sentence(text: str) -> bool:
    """Whether a line says more than when the text was published ("Published 3 May 2023."), and ends as sentences do."""
    return is_closed(text) and not _DATE_LABELS.fullmatch(_LATIN_DATE.sub("", _DATE.sub("", text)).strip(" .:：。"))


def _date(text: str) -> str | None:
    """Return the first date of ``text`` in ISO form, with the time of day when it is given."""
    match = _DATE.search(text)
    if match:
        year, month, day = (int(match[key]) for key in ("y", "m", "d"))
    else:
        match = _LATIN_DATE.search(text)
        if not match or not (match["d1"] or match["d2"]):
            return None
        year, day = int(match["y"]), int(match["d1"] or match["d2"])
        month = next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(match["m"][:3]))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    date = f"{year:04d}-{month:02d}-{day:02d}"
    hour = match.groupdict().get("h")
    if hour is None or int(hour) > 23:
        return date
    return f"{date}T{int(hour):02d}:{match['min']}" + (f":{match['s']}" if match["s"] else "")


def _mark_navigation(pieces: Sequence[Piece], date_line: int | None) -> None:
    """Everything above the title is navigation: the title stands above the date line, or below the last menu."""
    end = 0
    if date_line:
        nearest = range(max(0, date_line - 3), date_line)
        title = max(nearest, key=lambda index: (not _is_menu(pieces[index].text), len(pieces[index].text)))
        above = pieces[:title]
        menus = len(above) > 2 or any(_is_menu(piece.text) for piece in above)
        end = title if menus and all(_could_be_navigation(piece) for piece in above) else 0
    else:
        for index, piece in enumerate(pieces[:TOP]):
            if not _could_be_navigation(piece):
                break
            if _navigates(piece.text):
                end = index + 1
    for piece in pieces[:end]:
        piece.kind = BlockKind.FURNITURE


def _is_menu(text: str) -> bool:
    return _navigates(text) or text.count(" | ") > 1


def _navigates(text: str) -> bool:
    entries = len(_ENTRY.findall(text))
    alone = len(text) <= _LONGEST_ENTRY or _ENTRY.fullmatch(text) is not None
    return _NAVIGATION.search(text) is not None or entries > 1 or (entries > 0 and alone)


def _could_be_navigation(piece: Piece) -> bool:
    longest = _LONGEST_MENU_LATIN if mostly_latin(piece.text) else _LONGEST_MENU
    small = _is_small(piece) and len(piece.text) <= longest and piece.role is not Role.HEADING
    return small and not is_closed(piece.text)


def _credited_source(pieces: Sequence[Piece]) -> str | None:
    for piece in pieces:
        if piece.kind is BlockKind.FURNITURE:
            match = _SOURCE.search(piece.text)
            if match:
                return match["source"].strip(" )）】]") or None
    return None
