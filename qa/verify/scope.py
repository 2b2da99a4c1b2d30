"""Verification of scope: of how much, how many and in which order things are said, the evidence says it too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.verify.meaning import nearest
from qa.verify.source import Clause, Source, clauses
from vectorstore.text.language import HAN
from vectorstore.text.words import normalise

_SCOPES: tuple[tuple[str, str], ...] = (
    (r"全球|全世界|世界(?=首|第|最|领)|\b(?:worldwide|globally)\b", "world"),
    (r"全国|\b(?:nationwide|nationally|in the country|in the nation)\b", "nation"),
    (r"全省|全自治区|\b(?:statewide|in the (?:state|province))\b", "province"),
    (r"全市|\b(?:citywide|in the city)\b", "city"),
    (r"全县|全区|全州|全旗|\b(?:countywide|in the county|in the district)\b", "county"),
    (r"全镇|全乡|全街道", "town"),
)
_LEVELS = tuple((re.compile(pattern), level) for pattern, level in _SCOPES)
_STRONG: tuple[tuple[str, str], ...] = (
    (
        r"所有|全部|全体|全数|无一例外|每[一个户名家人村所项位]|一律|\b(?:all|every|each|entire|whole|always|everyone|everything|both)\b",
        r"所有|全部|全体|全数|无一|每|各|一律|均|都|全[省市县区国村镇乡员域程面]|百分之百|100%|整个|"
        r"\b(?:all|every|each|entire|whole|always|everyone|everything|both|any|throughout|no|none|full|100)\b",
    ),
    (r"唯一|仅有的|\b(?:sole|solely|the only)\b", r"唯一|仅|只|独家|\b(?:sole|solely|only|alone)\b"),
    (
        r"首[批个次家创届例]|第一[批个次家例]|率先|\bthe first\b|\bfirst (?:ever|time)\b",
        r"首|第一|率先|最早|开创|先河|\b(?:first|earliest|inaugural|pioneer\w*|new)\b",
    ),
)
_CLAIMED = tuple((re.compile(claimed), re.compile(given)) for claimed, given in _STRONG)
_FIRST = (re.compile(r"首批"), re.compile(r"首个|首家|首例"))
_TURNS = re.compile(rf"([{HAN}]{{2,4}})(?:变成?为?|转变?为|转化为|改为|升级为|取代|代替)([{HAN}]{{2,4}})")
_ENGLISH_TURNS = re.compile(
    r"\b([a-z][\w'-]{1,40}) (?:(?:was|were|is|are|has been|have been) )?"
    r"(replaced by|replaced|became|become|turned into|converted into|overtook|succeeded|acquired|bought) "
    r"(?:the |a |an )?([a-z][\w'-]+)"
)


def within(claim: str, sources: Sequence[Source]) -> str | None:
    """The claim is no wider than its evidence: levels, "all", "only" and "first" are the evidence's own."""
    told = "\n".join(f"{normalise(source.context)}\n{normalise(source.text)}" for source in sources)
    quoted = [clause for source in sources for clause in source.clauses]
    for clause in clauses(claim):
        beside = "\n".join(other.text for other in nearest(clause, quoted)) or told
        for claimed, given in _CLAIMED:
            match = claimed.search(clause.text)
            if match and not given.search(beside):
                return f"{match[0]}: the evidence doesn't say so"
        reason = _wider(clause, quoted, told)
        if reason:
            return reason
    return None


def _wider(clause: Clause, quoted: Sequence[Clause], told: str) -> str | None:
    beside = nearest(clause, quoted)
    for pattern, level in _LEVELS:
        match = pattern.search(clause.text)
        if not match:
            continue
        if not pattern.search(told):
            return f"{match[0]} is not in the evidence"
        levels = {name for other in beside for found, name in _LEVELS if found.search(other.text)}
        if levels and level not in levels:
            return f"{match[0]}: the evidence says it of something smaller or larger"
    for one, other in (_FIRST, _FIRST[::-1]):
        match = one.search(clause.text)
        if match and other.search(told) and not one.search(told):
            return f"{match[0]} is not in the evidence"
    return None


def in_order(claim: str, sources: Sequence[Source]) -> str | None:
    """What turns into what, and who replaces whom, stands in the order of the evidence."""
    text, told = normalise(claim), "\n".join(source.squashed for source in sources)
    for match in _TURNS.finditer(text):
        for one, other in ((match[1][-n:], match[2][:m]) for n in (2, 3, 4) for m in (2, 3, 4)):
            if len(one) > 1 and len(other) > 1 and _turned(one, other, told):
                return f"{match[0]}: the evidence has it the other way round"
    plain = " ".join("\n".join(normalise(source.text) for source in sources).split())
    for match in _ENGLISH_TURNS.finditer(text):
        one, verb, other = match.groups()
        if re.search(
            rf"\b{re.escape(other)}\b[^.;]{{0,40}}\b{verb}\b[^.;]{{0,40}}\b{re.escape(one)}\b", plain
        ) and not re.search(rf"\b{re.escape(one)}\b[^.;]{{0,40}}\b{verb}\b[^.;]{{0,40}}\b{re.escape(other)}\b", plain):
            return f"{match[0]}: the evidence has it the other way round"
    return None


def _turned(one: str, other: str, told: str) -> bool:
    verb = "(?:变成?为?|转变?为|转化为|改为|升级为|取代|代替)"
    return bool(re.search(f"{other}{verb}{one}", told)) and not re.search(f"{one}{verb}{other}", told)
