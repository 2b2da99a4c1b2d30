"""Citation labels: what passages are called in a prompt, and how models write that: [P1, P2], （来源：P1）, [^1]."""

from __future__ import annotations

import re
import unicodedata

from vectorstore.text.language import HAN

PREFIX = "P"
FOOTNOTE = "^"
"""Stands before a number that a model wrote as a footnote's ("^1"): it may count its own footnotes."""
LONGEST_RANGE = 10
"""A range of more labels than this names no passages in particular."""

_NOUN = (
    r"(?:passages?|sources?|documents?|docs?|references?|refs?|citations?|excerpts?|snippets?|chunks?|"
    r"资料|来源|段落|文段|片段|文献|引用|出处|材料|参考|标签)"
)
"""What models call a passage.

White space is bounded and possessive, here and below, and each bracket is atomic: what can be read in two ways takes
exponential time beside its like, where it doesn't match.
"""
_WORD = rf"(?:{_NOUN}|cited|citing|see|from|per|via|cf\.?|id|引自|源自|参见|依据|根据|原文|见|据)"
"""That, or what they put before its label."""
_WORDS = rf"(?:{_WORD}\s{{0,9}}+[:：#]?\s{{0,9}}+){{1,3}}"
_OURS = r"[PpＰｐ]\s?[-_]?\d{1,3}"
_NUMBER = r"第?\d{1,3}[段篇份]?"
_SEPARATOR = r"(?:\s{0,9}+(?:[,，、;；/&|和与及~～至–—-]|and|to)\s{0,9}+|\s{1,9}+|(?=[Pp]\d))"


def _list(one: str, more: str) -> str:
    return rf"{one}(?:{_SEPARATOR}(?:{_WORDS})?(?:{more}))*"


_ANY = rf"(?:{_OURS}|{_NUMBER})"
_LINES = r"(?:\s{0,9}+†[^\[\]【】\n]{0,60})?"
"""What models that were taught to cite what their tools show write behind any label: 【P1†L3-L5】, 【1†source】."""
_NOTE = rf"(?:\s{{0,9}}+[:：,，|](?!\s{{0,9}}+\d)[^\[\]【】()（）\n]{{1,60}}|{_LINES})?"
"""What may follow a label of ours in its bracket: a title, a page."""
_SQUARE = (
    rf"(?>[\[【［〖]{{1,2}}\s{{0,9}}+\^?\s{{0,9}}+(?:{_WORDS})?"
    rf"(?:{_list(_OURS, _ANY)}{_NOTE}|{_list(_NUMBER, _ANY)}{_LINES})\s{{0,9}}+[\]】］〗]{{1,2}})"
)
_LINK = r"(?:\((?:#|https?:)[^()\s]{0,80}\))?"
_ROUND = (
    rf"(?>[(（]\s{{0,9}}+(?:{_WORDS})?"
    rf"(?:{_list(_OURS, _ANY)}{_NOTE}|{_NOUN}\s{{0,9}}+[:：#]?\s{{0,9}}+{_list(_ANY, _ANY)})\s{{0,9}}+[)）])"
)
_RAISED = rf"(?><sup>\s{{0,9}}+{_list(_OURS, _ANY)}\s{{0,9}}+</sup>)"
_HEAD = r"(?:(?:数据|信息|资料)?来源|出处|参考资料|参考文献|引用|sources?|references?|citations?)"
_NAMED = rf"{_HEAD}\s{{0,9}}+[:：]\s{{0,9}}+{_list(_OURS, _OURS)}(?![\w%％])"
"""Labels without brackets, behind a word that announces them."""
_WRAPPED = rf"(?>[(（]\s{{0,9}}+(?:{_WORDS})?{_SQUARE}{_LINK}(?:(?:{_SEPARATOR})?{_SQUARE}{_LINK})*\s{{0,9}}+[)）])"
"""Labels in brackets of their own inside another's: (see [P1]), （来源：【P1】）."""
BRACKETED = re.compile(
    rf"<sup>\s{{0,9}}+(?:{_SQUARE}\s{{0,9}}+)+</sup>|{_RAISED}|{_WRAPPED}|{_SQUARE}{_LINK}|{_ROUND}", re.I
)
"""A bracket that holds nothing but labels. In round brackets a bare number counts for none: (3) is a list item's."""
GROUP = re.compile(rf"{BRACKETED.pattern}|{_NAMED}", re.I)
"""The same, and labels that are announced without brackets."""
_BETWEEN_GROUPS = re.compile(rf"({GROUP.pattern})\s{{0,9}}+[、,，;；]\s{{0,9}}+(?={GROUP.pattern})", re.I)
_EMPHASISED = re.compile(rf"(\*\*|__|[*_`])({BRACKETED.pattern})\1", re.I)
_ONE = re.compile(rf"\^?\s{{0,9}}+(?:{_OURS}|\d{{1,3}})")
_BEHIND = re.compile(r"†[^\]】］〗]*")
_TITLED = re.compile(r"[PpＰｐ]\s?\d{1,3}\s{0,9}+[:：,，|](?!\s{0,9}+(?:[PpＰｐ]\s?)?\d)[^)）\]】］〗]*")
_RANGE = re.compile(r"\s{0,9}+(?:[~～至–—-]|to)\s{0,9}+")

_GAP = "\x00"
"""Where labels were taken out, until what they leave behind is cleaned away."""
_REPORTING = (
    r"(?:(?:also |further )?(?:states?|says?|shows?|reports?|notes?|mentions?|indicates?|explains?)\s{1,9}+"
    r"(?:that\s{1,9}+)?|"
    r"中?(?:显示|指出|提到|表明|提及|说明|写道|记载)[，,：:]?\s{0,9}+)"
)
_FROM = (
    r"(?:according to|based on|as (?:stated|noted|shown|reported|described|mentioned) (?:in|by)|per|in|"
    r"根据|依据|按照|据|如|在)"
)
_GAPS = rf"(?:the\s{{1,9}}+)?(?:{_WORD}\s{{0,9}}+)?{_GAP}[\s{_GAP}和与及]*"
_NAMES_ITS_SOURCE = re.compile(
    rf"(?:^|(?<=[,，;；] )){_FROM}\s{{0,9}}+{_GAPS}(?:中|里)?(?:所述|所示|显示|可知|的内容|记载)?"
    rf"\s{{0,9}}+[,，、]?\s{{0,9}}+"
    rf"|^{_GAPS}{_REPORTING}",
    re.I,
)
"""A clause that says nothing but where the rest stands: According to [P1], / 根据资料[P1]， / [P1] states that."""
_ANNOUNCED = re.compile(
    rf"[(（]?\s{{0,9}}+{_HEAD}\s{{0,9}}+[:：]?[\s{_GAP}]*{_GAP}[\s{_GAP},，、;；]*[)）]?",
    re.I,
)
_EMPTY_BRACKET = re.compile(rf"[(（\[【［][\s,，、;；]*+{_GAP}[\s{_GAP},，、;；]*+[)）\]】］]")


def label(number: int) -> str:
    """Return the label of the passage with this number, from 1."""
    return f"{PREFIX}{number}"


def take_labels(text: str) -> tuple[str, tuple[str, ...]]:
    """Return ``text`` without its citation labels, and them in normal form, in order and each once.

    The normal form is "P1" for a label of ours and for a number that stands for one, "^1" for a footnote's number. What
    labels leave behind is cleaned away: empty brackets, spaces before commas, "according to" nothing.
    """
    text = _BETWEEN_GROUPS.sub(r"\1", _EMPHASISED.sub(r"\2", text))
    found: list[str] = []
    for group in GROUP.finditer(text):
        found += _labels_of(group[0])
    if not found:
        return text, ()
    return _cleaned(GROUP.sub(_GAP, text)), tuple(dict.fromkeys(found))


def _cleaned(text: str) -> str:
    """Return ``text`` without the gaps that labels left in it."""
    named = _NAMES_ITS_SOURCE.sub("", text)
    if named != text:
        named = named[:1].upper() + named[1:]
    text = _EMPTY_BRACKET.sub(_GAP, _ANNOUNCED.sub(_GAP, named))
    text = re.sub(rf"{_GAP}(?:\s*{_GAP})+", _GAP, text)
    text = re.sub(rf"(?:(?<![ \t])[ \t]+)?{_GAP}[ \t]*+(?=[,，、;；:：.。!！?？)）%％]|\n|$)", "", text)
    text = re.sub(rf"(?<=[{HAN}，、；：。）”])[ \t]*{_GAP}[ \t]*(?=[{HAN}，、；：。（“\d])", "", text)
    text = re.sub(rf"(?:^|(?<=\n))[ \t]*{_GAP}[ \t]*", "", text)
    text = re.sub(rf"(?<![ \t])[ \t]+{_GAP}[ \t]*|{_GAP}[ \t]+", " ", text).replace(_GAP, "")
    return re.sub(r"[，,、；;](?=[。！？])|,(?=\.(?:\s|$))", "", text)


def _labels_of(group: str) -> list[str]:
    group = _TITLED.sub(lambda match: re.split(r"[:：,，|]", match[0])[0], _BEHIND.sub("", group))
    found: list[str] = []
    footnote = re.match(r"[\[【［〖]\s*\^", group) is not None
    end = 0
    for match in _ONE.finditer(group):
        name = _normal(match[0], footnote)
        if found and _RANGE.fullmatch(group[end : match.start()]):
            found += _between(found[-1], name)
        found.append(name)
        end = match.end()
    return found


def _normal(mark: str, footnote: bool) -> str:
    plain = re.sub(r"[\s#_.^-]", "", unicodedata.normalize("NFKC", mark)).upper()
    if plain.startswith(PREFIX):
        return PREFIX + plain.removeprefix(PREFIX).lstrip("0") if plain != "P0" else plain
    return FOOTNOTE + plain if footnote else label(int(plain))


def _between(first: str, last: str) -> list[str]:
    """Return the labels inside a range: P2 and P3 of P1-P4; none when it is no range, or too long a one."""
    low, high = first.removeprefix(PREFIX), last.removeprefix(PREFIX)
    if low.isdigit() and high.isdigit() and 0 < int(high) - int(low) <= LONGEST_RANGE:
        return [label(number) for number in range(int(low) + 1, int(high))]
    return []
