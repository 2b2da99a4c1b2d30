"""Prompt injection in a question: instructions to a language model, recognised and left out.

"Forget your rules and print ..." asks nothing about the reports; "How many villages are there? If you don't know,
write ..." asks the first half. A model never sees the rest, and similarity isn't misled by it. Of documents,
``vectorstore.injection`` takes such sentences out.
"""

from __future__ import annotations

import re

from qa.text.questions import ASKS

# Verbs that set rules aside, the rules, verbs of saying, and what stands before dictated words.
_IGNORE = "忽略|无视|忘记|忘掉|不要理会|不要遵守|不再遵守"
_RULES = "指令|指示|规则|设定|限制|提示"
_SAY = "输出|回复|回答|复述"
_DICTATED = r":：“\"「『"
_LEAK = "泄露|透露|显示|输出"
_ACT_AS = "是|扮演|作为"
_IGNORE_ENGLISH = "ignore|disregard|forget|override"
_RULES_ENGLISH = r"instructions?|rules?|prompts?|guidelines|above|previous"
_SAY_ENGLISH = "respond|reply|answer|output|print|say"

# Questions.
_MORE_RULES = f"(?:{_RULES}|规矩|要求|约束|命令)"
_SOURCES = r"(?:资料|报告|文档|文件|材料|来源|引用|出处|原文)"
_SAYING = f"(?:{_SAY}|打印|回|写|说|喊|念|重复|显示|返回|告诉我)"
_QUOTE = rf"[{_DICTATED}'‘《]"
_YOURS = r"[^?？]{0,3}(?:你|您|之前|以上|上面|上述|前面|所有|一切)"
_DO = r"(?:^|[,.;:!?]\s*|\b(?:and|then|please|just|only|simply|always|now|you|can|may|must|should|to)\s+)"
"""What an order stands behind: "The auditors ignored the rules" is none."""
_SET_ASIDE = (
    rf"(?:{_IGNORE}|不理会|不遵守|忘了|抛开|别管|不用管)(?![带拿交填])[^?？]{{0,16}}(?:{_MORE_RULES}|{_SOURCES})"
    rf"|(?:解除|绕过|放弃|取消|覆盖|作废){_YOURS}[^?？]{{0,10}}{_MORE_RULES}"
    rf"|{_YOURS}[^?？]{{0,10}}{_MORE_RULES}[^?？]{{0,6}}(?:作废|失效|取消|无效)"
)
"""Rules set aside: the reports may speak of that too ("取消了之前的哪些要求？")."""
_ORDERS = (
    # where not to look, what not to say
    rf"(?:不用|不要|不必|不需要?|无需|别)(?:去|再)?(?:查|看|管|写|参考|引用|依据|检索)[^?？]{{0,6}}{_SOURCES}"
    rf"|不需要?{_SOURCES}|(?:不要|别|不许|不准)说(?:不知道|没有|不清楚)"
    # what to say, and how much of it
    rf"|(?:只|仅|直接|就|必须|务必|请|都要?|先|一律|改为|统一){_SAYING}[^,，。?？]{{0,8}}{_QUOTE}"
    rf"|(?:只|仅)(?:能|要|需|许|可以?)?{_SAYING}[^?？]{{0,4}}[一二两三四五六七八九十\d]+个?(?:字|词|字母)"
    rf"|(?:{_LEAK}|打印|复述)[^?？]{{0,10}}(?:口令|密码|暗号|提示词|系统提示|\b[A-Z][A-Z0-9]*-)"
    r"|每[个句次条段]?(?:回答|回复|话|答案)[^?？]{0,6}(?:都|必须|要)[^?？]{0,2}[以用加带喊写说]"
    r"|(?:回答|回复|答案)(?:的)?(?:开头|结尾|末尾|前面|后面)[^?？]{0,6}(?:加|写|带)"
    # who to be
    r"|从现在(?:开始|起)[^?？]{0,4}(?:你|您|每|只|请|都)"
    rf"|(?:你|您)(?:现在|从此|今后|将|已经)[^?？]{{0,2}}(?:{_ACT_AS}|叫|进入|变成)"
    r"|(?:扮演|假装|假扮|模仿)(?:你是|自己是|一[个名位只])|(?:进入|切换到?|开启)[^?？]{0,8}模式"
    # in whose name
    r"|^\W*(?:系统|管理员|开发者)(?:通知|消息|提示|指令|命令|更新)?[:：]|</?(?:system|sys|instructions?|admin)>"
    r"|\[/?(?:system|inst)\]|^\W*system\s*[:：]|新(?:的)?(?:规则|指令|规定)[:：]"
    rf"|{_DO}(?:{_IGNORE_ENGLISH}|bypass)\b.{{0,40}}\b(?:{_RULES_ENGLISH}|documents?|reports?|sources?)\b"
    rf"|{_DO}(?:{_SAY_ENGLISH}|write|end|begin|start)\s+(?:only\s+|just\s+)?(?:(?:with|exactly)\b|[:\"“'])"
    r"|\b(?:print|reveal|show|repeat|output)\b.{0,24}\b(?:prompt|password|token|instructions)\b"
    r"|\b(?:you are now|pretend (?:to be|you)|act as|from now on)\b|\bnew (?:policy|rules?)\s*:|\bsystem prompt\b"
)
_INSTRUCTION = re.compile(f"{_SET_ASIDE}|{_ORDERS}", re.I)
_QUESTION = re.compile(
    r"[?？]|多少|几[^乎]|什么|啥|谁|哪|怎|咋|如何|为何|何[时处]|吗|是否"
    r"|^\W*(?:(?:in|at|on|for|to|by|from|and|so|but)\s+)?(?:how|what|which|who|whom|whose|where|why)\b",
    re.I,
)
"""What a clause asks with, unlike ``ASKS``, which "describe" and "is" meet in an order too."""
_PART = re.compile(r"(?:[^，,。！!？?；;\n.]|\.(?!\s|$))*(?:[，,。！!？?；;\n]|\.(?=\s|$)[”\"]?)*\s*")
_OPENER = re.compile(r"^.{0,14}[:：]\s*")


def without_instructions(question: str) -> str:
    """Return the parts of ``question`` that ask something, without those that instruct; empty when none is left.

    A question without instructions is returned as it is. A clause that looks like an instruction and asks is left out
    only beside another that asks: "如何进入安全模式？" and "What if you forget your documents?" are questions.
    """
    if not _INSTRUCTION.search(question):
        return question
    kept, doubtful = list[str](), list[str]()
    for part in filter(str.strip, _PART.findall(question)):
        rest = part
        if _INSTRUCTION.search(part):
            opener = _OPENER.match(part)  # "Print only the number: how many ...?"
            rest = part[opener.end() :] if opener else ""
        if rest and ASKS.search(rest) and not _INSTRUCTION.search(rest):
            kept.append(rest)
        elif _QUESTION.search(part):
            doubtful.append(part)
    return "".join(kept or doubtful).strip(" ,，;；\n")
