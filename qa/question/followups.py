"""Rewriting a follow-up into a question that stands alone: by a model where there is one, else by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.question.answer_types import COMPARATIVE, wanted
from qa.question.documents import Subjects
from qa.question.mentions import Mention, without
from qa.question.query import AnswerType
from qa.types import History
from vectorstore.text.language import with_han
from vectorstore.text.names import PLACE_TAGS, proper_names
from vectorstore.text.quotes import MARKS
from vectorstore.text.segmentation import tag
from vectorstore.text.words import STOPWORDS, normalise, words
from vectorstore.text.years import YEAR

if TYPE_CHECKING:
    from qa.llm.base import Model
    from vectorstore.library import Library

# Openings that belong to the conversation and not to the question.
_OPENING = re.compile(
    r"^(?:(?:不对|不是|错了|不|哦|噢|嗯|好的?|算了|谢谢你?|多谢|那么|那(?![个家座份边里些种三两四五])|还有|另外|顺便(?:问一下)?"
    r"|再(?:问一?下?|说说)|请问|说说|[你我]?(?:刚才)?(?:说|问|打|写|搞|弄|记)?错了|应该是|换[成作]|改[成为]|(?:换个|下一个)(?:问题|话题)|"
    r"(?:先)?不(?:聊|说|谈)[^,，]{0,8}了)(?:[吧啊呀了哈]{0,2})[\s,，。!！:：]*)+"
)
_I_MEANT = re.compile(r"^我?(?:问|说|指|要|想问|想知道)的(?:是|其实是|就是)?\s*")
_ENGLISH_OPENING = re.compile(
    r"^(?:(?:no|and|so|ok|okay|well|actually|sorry|then)\b[\s,.]*|(?:i meant|i mean|what about|how about)\b\s*)+", re.I
)
_NOT_THAT = re.compile(r"[,，]\s*不是[^,，?？]*$|^不是[^,，]+[,，]\s*(?:我说的是|是)")
_BARE = re.compile(r"^(?P<rest>.{1,14}?)(?:的)?(?:呢|(?<![会了])怎么样|又如何|如何)?[?？。\s]*$")
_PRONOUN = re.compile(
    r"它们?(?:的)?|其(?!中|他|它|实|余)(?:的)?|(?:这|那|该)(?:个|家|座|份)?(?:地方|县|市|区|镇|公司|企业|集团|医院|法院|报告|机构|单位)(?:的)?|那边|那里|当地|这边|(?:这|那)里头|\bits?\b|\bthere\b|\bthey\b|\btheir\b"
)
_QUESTION_WORD = re.compile(
    r"多少|多[大长久远高]|几|什么|啥|谁|哪|何|怎|咋|吗|干嘛|没有?[?？]?$|没得|是不是|是否|有没有|\b(?:how|what|which|who|when|where|why|is|are|did|does|do)\b",
    re.I,
)
_TAIL = re.compile(
    r"(?:[,，]?\s*(?:各自|分别|一共|总共|共)?(?:是|为|有|占|达到?|建了|派了)?(?:多少|几|什么|啥|谁|哪|何时|怎|如何|咋).*|(?:是|为)?[?？]+)$"
)
_ENDING = {
    AnswerType.NUMBER: "有多少？",
    AnswerType.PERCENT: "是多少？",
    AnswerType.MONEY: "是多少？",
    AnswerType.DATE: "是什么时候？",
    AnswerType.PERSON: "是谁？",
    AnswerType.LIST: "有哪些？",
    AnswerType.MANNER: "是怎么做的？",
    AnswerType.REASON: "的原因是什么？",
}
_COMPARING = re.compile(
    r"和|与|跟|、|比较|相比|对比|谁|哪[一]?[个家里边]?(?:地方)?|(?:更|最|比较)[多少高低大小早晚长短快慢]|多少|还是|各|分别"
)
_MANNER = re.compile(r"是?(?:怎么样?|怎样|如何|为什么|为何|咋)")
_HOW_MANY = re.compile(
    with_han(
        r"(?:一共|总共|共|各)?(?:有|是|为|达到?)?(?:多少|几)(?:[名位个家次项条支处所场期种座间批套台艘份篇](?=.))?(?:[人户钱个家名元](?!\h))?"
    )
)
_COUNTS = re.compile(with_han(r"(?:多少|几)[名位个家次项条支处所场期种座间批]?(\h{1,2})"))
_BARE_QUESTION = re.compile(with_han(r"(?:又|也|还)?(?:是|有)?(?:多少|几|什么|谁|怎[么样]+|如何)\h?[呢啊呀?？。]*"))
_SAID = r"(?:[说问提讲](?:过|到)?(?:的|起的)?)?"
_BACK = re.compile(
    rf"^(?:我们?)?再?(?:回到|说回)?(?:(?P<first>(?:最初|最开始|一开始|最先|第一个){_SAID})"
    rf"|(?P<before>(?:再?前面|之前|刚才|上面|上一个|前一个){_SAID}))"
    r"(?:[那这]?个?(?:问题|话题)[,，的]?|(?=[那这]?个?(?:地方|[省市县区州旗镇]|公司|企业|集团|医院|法院|单位|机构)))"
)
"""The conversation's first question, or one before the last."""
_WHICH_OF_THEM = re.compile(
    r"^(?:那|这)?(?:[两三几]个|两者|它们|他们)?(?:里面?|中|之间)?(?:谁|哪[个家边里]?(?:地方|县|区|市)?)"
)
_TIME = re.compile(r"(?:\d{4}年(?:度|底|末)?|\d{1,2}月|上半年|下半年|[一二三四]季度)")
_YEAR = re.compile(rf"{YEAR}(?=年)")
_AGAIN = re.compile(r"(?:那?(?P<before>[前上]一?年(?:同期)?|去年(?:同期)?)|(?P<after>[后下]一年|第二年|次年))")
"""The year before, or after, the one that was asked about."""
_NAMED_PLACE = re.compile(with_han(r"(?P<stem>\h{1,4})(?P<sort>社区|小区|街道|[村镇乡街路园厂])"))
_GENERAL = frozenset(
    re.findall(
        r"\S+",
        """具体 情况 做法 效果 原因 时间 时候 开始 结束 数据 结果 内容 措施 意义 作用 占 占比 比例 比重 数量 人数 总数
        金额 总共 一共 共 原来 之前 以前 后来 以后 现在 目前 当时 最后 每人 平均 总的 花 花了 做 这么 那么 这样 那样
        怎么做 要 搞 办 弄 钱 人 户 个 名 家 次 条 项 万 元 年 月 日 哪年 哪些 哪个 几个 多少 多久 为什么 为何 怎么
        怎样 如何 什么 谁 啥 咋 又 还 也 有 没有 有没有 是 是不是 呢 吗 了 的 那 这 那是 那些 这些 这个 那个 其中 一下
        多长时间 多大 多长 花费 投入 目的 好处 成效 影响 背景 依据""",
    )
)
"""Words that a question about anything can be made of."""
_OTHERS = re.compile(r"还有(?:哪|谁)|(?:其他|别的|另外)(?:还有)?(?:哪|地方|[县区市])")
"""Whether others are asked about than the conversation's last ones."""
_MARKED = re.compile(f"[{MARKS}]")
_NOUNS = ("n", "vn", "j", "l", "i", "eng", "s", "zg", "b", "a")
_ELSEWHERE = 3.0
"""A question without a name is about another document when that one's best passage beats this one's by this factor."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A question that stands alone, and other wordings to search with as well."""

    question: str
    also: tuple[str, ...] = ()


class Rewriter:
    """Makes follow-ups stand alone."""

    def __init__(self, library: Library, model: Model | None = None) -> None:
        self.library = library
        self.model = model

    def rewrite(self, question: str, history: History) -> Rewrite:
        """Return ``question`` as it reads without ``history``; unchanged when it stands alone already."""
        earlier = [turn.content for turn in history if turn.role == "user"]
        if not earlier:
            return Rewrite(question)
        if self.model is not None:
            from qa.question.followups_llm import rewrite

            rewritten = rewrite(self.model, question, list(history))
            if rewritten:
                return Rewrite(rewritten, self._also(question, rewritten, earlier[-1]))
        chain = [_stripped(earlier[0])]
        for later in earlier[1:]:
            chain.append(self._next(later, chain)[0])
        rewritten, before = self._next(question, chain)
        return Rewrite(rewritten, self._also(question, rewritten, before))

    def _next(self, question: str, chain: Sequence[str]) -> tuple[str, str]:
        """Return ``question``, asked after ``chain``, so that it stands alone, and that of them that it leans on."""
        rest = _stripped(question)
        if len(chain) > 1:
            if back := _BACK.match(rest):
                before = chain[0] if back["first"] else self._other(chain)
                return self.by_rules(rest[back.end() :].lstrip(" ,，"), before), before
            if _WHICH_OF_THEM.match(rest) and COMPARATIVE.search(normalise(rest)):
                both = self._compared(rest, chain)
                if both:
                    return both, chain[-1]
        return self.by_rules(question, chain[-1]), chain[-1]

    def _other(self, chain: Sequence[str]) -> str:
        """Return the last question before the last one that is about another document, or else the last one."""
        names = [self._names(question) for question in chain]
        return next((q for q, n in zip(chain[-2::-1], names[-2::-1], strict=True) if n and n != names[-1]), chain[-1])

    def _names(self, question: str) -> list[str]:
        return [mention.text for mention in Subjects.of(self.library).mentions(normalise(question))]

    def _compared(self, rest: str, chain: Sequence[str]) -> str:
        """Return "which of them has more" with the names of the last two questions and what they were about."""
        names = list(dict.fromkeys(name for question in chain[-2:] for name in self._names(question)[:1]))
        if len(names) < 2:
            return ""
        before = normalise(chain[-1])
        topic = _topic(without(before, Subjects.of(self.library).mentions(before))).strip("的")
        return f"{'和'.join(names)}哪个的{topic}{_WHICH_OF_THEM.sub('', rest).lstrip('的')}"

    def _also(self, question: str, rewritten: str, before: str) -> tuple[str, ...]:
        """Blend in the question joined to the one before it, when it leans on that one."""
        return () if rewritten == question else (f"{before} {question}",)

    def by_rules(self, question: str, before: str) -> str:
        """Return ``question``, asked after ``before`` (which stands alone), so that it stands alone."""
        subjects = Subjects.of(self.library)
        rest = _stripped(question)
        text = normalise(rest)
        mine, theirs = subjects.mentions(text), subjects.mentions(normalise(before))
        bare = _BARE.match(rest)
        if bare and not _QUESTION_WORD.search(normalise(bare["rest"])):
            return _fragment(bare["rest"], text, mine, normalise(before), theirs) or question
        if theirs and _thin(text, mine) and not rest.isascii():
            return _carried(rest, text, mine, normalise(before), theirs)
        if theirs and not mine and _OTHERS.search(normalise(question)):
            return f"除了{'、'.join(dict.fromkeys(m.text for m in theirs))}，还有{rest}"
        if mine or not theirs:
            return rest if mine and rest != question and _QUESTION_WORD.search(rest) else question
        names = "和".join(dict.fromkeys(mention.text for mention in theirs))
        pronoun = _PRONOUN.search(rest)
        if pronoun and not re.search(r"[,，]", rest[: pronoun.start()]):  # "the village X, what did it get": that is X
            other = self._last_place(before, theirs) if pronoun[0].startswith("它") else ""
            return rest[: pronoun.start()] + names + other + _possessive(pronoun[0]) + rest[pronoun.end() :]
        if self._elsewhere(text, theirs) or (COMPARATIVE.search(text) and "哪" in text):
            return question
        return f"{names}{rest}" if not rest.isascii() else f"{rest.rstrip('?')} ({names})?"

    def _last_place(self, before: str, theirs: Sequence[Mention]) -> str:
        """Return the place that ``before`` names last, if that isn't one of the documents' names: what "it" is then."""
        text = normalise(before)
        start = max(mention.end for mention in theirs)
        places = [word for word in proper_names(text[start:], PLACE_TAGS) if len(word) > 2]
        return f"的{places[-1]}" if places else ""

    def _elsewhere(self, text: str, theirs: Sequence[Mention]) -> bool:
        """Whether another document has clearly more to say: the conversation has moved on without naming it."""
        inside = self.library.lexical(text, 1, sorted({d for mention in theirs for d in mention.documents}))
        anywhere = self.library.lexical(text, 1)
        return bool(anywhere) and (not inside or anywhere[0].score > _ELSEWHERE * inside[0].score)


def _possessive(pronoun: str) -> str:
    return "的" if pronoun.endswith("的") or pronoun.lower() in ("its", "their") else ""


def _stripped(question: str) -> str:
    """Return ``question`` without the words that only tie it to the conversation."""
    rest = _ENGLISH_OPENING.sub("", question.strip())
    rest = _NOT_THAT.sub("", rest)
    rest = _OPENING.sub("", rest)
    rest = _I_MEANT.sub("", rest)
    rest = _I_MEANT.sub("", rest).strip(" ,，。")
    return rest or question


def _answer_type(text: str) -> AnswerType:
    return wanted(normalise(text).strip()).answer_type


def _fragment(rest: str, text: str, mine: Sequence[Mention], before: str, theirs: Sequence[Mention]) -> str | None:
    """Complete a fragment ("那罗江呢", "占比呢", "罗江的驻村队呢") from the question before it."""
    own = _PRONOUN.sub("", without(text.rstrip("?？。呢 "), mine)).strip("的 在对它")
    own = "" if all(word in STOPWORDS for word in words(own)) else own
    stem = _TAIL.sub("", before).rstrip("的 ")
    ending = _ENDING.get(_answer_type(before), "是什么？")
    if mine and not own:
        return _replaced(before, theirs, mine[0].text)
    if dated := _dated(own, before) or _moved(own, before):
        return _replaced(dated, theirs, mine[0].text) if mine else dated
    name = mine[0].text if mine else "".join(dict.fromkeys(m.text for m in theirs))
    if mine:
        return f"{name}{own}{ending}"
    kind = _answer_type(own)
    topic = stem if theirs else ""
    if kind is AnswerType.PERCENT or own in _GENERAL:
        return f"{topic or name}{own}{_ENDING.get(kind, ending)}"
    return f"{name}{own}{_ENDING.get(kind, ending)}"


def _dated(own: str, before: str) -> str:
    """Return ``before`` with the time of ``own`` ("2021年", "前一年") for its own; nothing when one has none."""
    if _TIME.fullmatch(own) and _TIME.search(before):
        return _TIME.sub(own, before, count=1)
    relative, year = _AGAIN.fullmatch(own), _YEAR.search(before)
    if not relative or not year:
        return ""
    return _YEAR.sub(str(int(year[0]) + (1 if relative["after"] else -1)), before)


def _moved(own: str, before: str) -> str:
    """Return ``before`` with the village (street, ...) ``own`` for the one that it names, or nothing."""
    place = _NAMED_PLACE.fullmatch(own)
    if not place:
        return ""
    there = re.search(with_han(rf"(?:^|(?<=[的在和与跟、，,县区市镇]))(?!的)\h{{1,4}}?{place['sort']}"), before)
    return before[: there.start()] + own + before[there.end() :] if there else ""


def _thin(text: str, mine: Sequence[Mention]) -> bool:
    """Whether a question says nothing of what it is about ("占比多少", "为什么要这么做", "已经花进去多少").

    It has no word of its own, or verbs alone, and names nothing.
    """
    rest = _PRONOUN.sub("", without(text, mine))
    counted = _COUNTS.search(rest)
    if counted and counted[1] not in _GENERAL:
        return False
    content = [word for word in words(rest) if word not in STOPWORDS and word not in _GENERAL]
    if len("".join(content)) < 2:
        return True
    if mine or _PRONOUN.search(text) or _MARKED.search(text):
        return False
    words_left = tag(_TIME.sub("", rest))
    return not any(kind.startswith(_NOUNS) for word, kind in words_left if word not in _GENERAL and len(word) > 1)


def _carried(rest: str, text: str, mine: Sequence[Mention], before: str, theirs: Sequence[Mention]) -> str:
    """Return a thin question behind what the question before it was about; names of its own take the others' place."""
    if mine:
        replaced = _replaced(before, theirs, mine[0].text)
        own = without(text, mine).strip("的 ,，")
        return replaced if _BARE_QUESTION.fullmatch(own) else f"{_topic(replaced)}，{own}"
    topic = _topic(before)
    return f"{_TIME.sub('', topic) if _TIME.search(rest) else topic}，{rest}"


def _topic(question: str) -> str:
    """Return what a question is about: the question without its question words, and without what it carried itself."""
    rest = re.split(r"[,，]", question.rstrip("?？ "))[0]
    shorter = _HOW_MANY.sub("", _MANNER.sub("", rest))
    return (_TAIL.sub("", rest) if shorter == rest else shorter).rstrip("的 是为")


def _replaced(before: str, theirs: Sequence[Mention], name: str) -> str:
    """Return the earlier question with its names replaced by another."""
    if not theirs:
        return f"{name}{before}"
    if len(theirs) > 1 and COMPARATIVE.search(before):
        rest = _COMPARING.sub("", without(before, theirs)).strip("的 ,，?？")
        return f"{name}的{rest}有多少？"
    first = theirs[0]
    return without(before, theirs[1:])[: first.start] + name + without(before, theirs[1:])[first.end :]
