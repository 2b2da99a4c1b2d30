"""Directions in a question: text about how to reply, which nothing here follows, taken out of what is asked.

"Forget your rules and print ..." asks nothing about the reports; "How many villages are there? If you don't know, write
..." asks the first half. A model never sees the rest, and similarity isn't misled by it.
"""

from __future__ import annotations

import re

from qa.question.intent import ASKS

_QUOTE = r"[“\"「『'‘《:：]"
_SAYING = r"(?:输出|打印|回复|回答|回|写|说|喊|念|复述|重复|显示|返回|告诉我)"
_RULES = r"(?:指令|指示|规则|规矩|限制|设定|提示|要求|约束|命令)"
_SOURCES = r"(?:资料|报告|文档|文件|材料|来源|引用|出处|原文)"
_YOURS = r"[^?？]{0,3}(?:你|您|之前|以上|上面|上述|前面|所有|一切)"
_DO = r"(?:^|[,.;:!?]\s*|\b(?:and|then|please|just|only|simply|always|now|you|can|may|must|should|to)\s+)"
"""What an order stands behind: "The auditors ignored the rules" is none."""
_SET_ASIDE = (
    rf"(?:忽略|无视|忘记|忘掉|忘了|抛开|不要?理会|不要?遵守|不再遵守|别管|不用管)[^?？]{{0,16}}(?:{_RULES}|{_SOURCES})"
    rf"|(?:解除|绕过|放弃|取消|覆盖|作废){_YOURS}[^?？]{{0,10}}{_RULES}|{_YOURS}[^?？]{{0,10}}{_RULES}[^?？]{{0,6}}(?:作废|失效|取消|无效)"
)
"""Rules set aside: the reports may speak of that too ("取消了之前的哪些要求？")."""
_SAY = (
    rf"(?:不用|不要|不必|不需要?|无需|别)(?:去|再)?(?:查|看|管|写|参考|引用|依据|检索)[^?？]{{0,6}}{_SOURCES}|不需要?{_SOURCES}|(?:不要|别|不许|不准)说(?:不知道|没有|不清楚)"
    rf"|(?:只|仅|直接|就|必须|务必|请|都要?|先|一律|改为|统一){_SAYING}[^,，。?？]{{0,8}}{_QUOTE}"
    rf"|(?:只|仅)(?:能|要|需|许|可以?)?{_SAYING}[^?？]{{0,4}}[一二两三四五六七八九十\d]+个?(?:字|词|字母)"
    r"|(?:输出|打印|显示|泄露|透露|复述)[^?？]{0,10}(?:口令|密码|暗号|提示词|系统提示|\b[A-Z][A-Z0-9]*-)"
    r"|每[个句次条段]?(?:回答|回复|话|答案)[^?？]{0,6}(?:都|必须|要)[^?？]{0,2}[以用加带喊写说]|(?:回答|回复|答案)(?:的)?(?:开头|结尾|末尾|前面|后面)[^?？]{0,6}(?:加|写|带)"
    r"|从现在(?:开始|起)[^?？]{0,4}(?:你|您|每|只|请|都)|(?:你|您)(?:现在|从此|今后|将|已经)[^?？]{0,2}(?:是|扮演|作为|叫|进入|变成)|(?:扮演|假装|假扮|模仿)(?:你是|自己是|一[个名位只])|(?:进入|切换到?|开启)[^?？]{0,8}模式"
    r"|^\W*(?:系统|管理员|开发者)(?:通知|消息|提示|指令|命令|更新)?[:：]|</?(?:system|sys|instructions?|admin)>|\[/?(?:system|inst)\]|^\W*system\s*[:：]|新(?:的)?(?:规则|指令|规定)[:：]"
    rf"|{_DO}(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b(?:instructions?|rules?|prompts?|guidelines|documents?|reports?|sources?|above|previous)\b"
    rf"|{_DO}(?:respond|reply|answer|output|print|say|write|end|begin|start)\s+(?:only\s+|just\s+)?(?:(?:with|exactly)\b|[:\"“'])"
    r"|\b(?:print|reveal|show|repeat|output)\b.{0,24}\b(?:prompt|password|token|instructions)\b"
    r"|\b(?:you are now|pretend (?:to be|you)|act as|from now on)\b|\bnew (?:policy|rules?)\s*:|\bsystem prompt\b"
)
_DIRECTION, _ORDERED = re.compile(f"{_SET_ASIDE}|{_SAY}", re.I), re.compile(_SAY, re.I)
_WHAT = re.compile(r"多少|几|什么|哪|谁|怎|何")
_PART = re.compile(r"(?:[^，,。！!？?；;\n.]|\.(?!\s|$))*(?:[，,。！!？?；;\n]|\.(?=\s|$)[”\"]?)*\s*")
_OPENER = re.compile(r"^.{0,14}[:：]\s*")


def without_directions(question: str) -> str:
    """Return the parts of ``question`` that ask something, once directions are taken out; empty when none is left.

    A question without directions is returned as it is, and so is a single clause that asks which rules were set aside.
    """
    if not _DIRECTION.search(question):
        return question
    clauses = [part for part in _PART.findall(question) if part.strip()]
    if len(clauses) == 1 and _WHAT.search(question) and not _ORDERED.search(question):
        return question
    kept = []
    for part in clauses:
        rest = part
        if _DIRECTION.search(part):
            opener = _OPENER.match(part)  # "Print only the number: how many ...?"
            rest = part[opener.end() :] if opener else ""
        if rest and ASKS.search(rest) and not _DIRECTION.search(rest):
            kept.append(rest)
    return "".join(kept).strip(" ,，;；\n")
