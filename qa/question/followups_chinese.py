"""Chinese follow-ups that stand alone, by rules: a piece of the question before is exchanged, a pronoun resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.question.answer_types import COMPARATIVE, wanted
from qa.question.counted import counted_thing
from qa.question.mentions import Mention, without
from qa.question.query import AnswerType
from vectorstore.text.language import with_han
from vectorstore.text.names import ENTITY_TAGS, PERSON_TAGS, PLACE_TAGS, proper_names
from vectorstore.text.quotes import MARKS
from vectorstore.text.segmentation import tag
from vectorstore.text.words import STOPWORDS, normalise, words
from vectorstore.text.years import YEAR
from vectorstore.types import Span

# Openings that belong to the conversation and not to the question; 不 and 好 also begin words ("不合格", "好评率").
_OPENING = re.compile(
    r"^(?:(?:(?:不对|不是|不|好的?)+(?=[吧啊呀]|了?(?:[\s,，。!！:：]|$))|错了|哦|噢|嗯|算了|谢谢你?|多谢|那么|那(?![个家座份边里些种三两四五])|还有|另外|顺便(?:问一下)?"
    r"|再(?:问一?下?|说说)|请问|说说|[你我]?(?:刚才)?(?:说|问|打|写|搞|弄|记)?错了|应该是|(?<=[\s,，。！!:：])是(?![否不什啥谁哪怎咋多几])|换[成作]|改[成为]|(?:换个|下一个)(?:问题|话题)|"
    r"(?:先)?不(?:聊|说|谈)[^,，]{0,8}了)(?:[吧啊呀了哈]{0,2})[\s,，。!！:：]*)+"
)
_I_MEANT = re.compile(r"^我?(?:问|说|指|要|想问|想知道)的(?:是|其实是|就是)?\s*")
_BARE = re.compile(r"^(?P<rest>.{1,14}?)(?:的)?(?:呢|(?<![会了])怎么样|又如何|如何)?[?？。\s]*$")
_PRONOUN = re.compile(
    r"它们?(?:的)?|其(?!中|他|它|实|余)(?:的)?|(?:这|那|该)(?:个|家|座|份)?(?:地方|县|市|区|镇|公司|企业|集团|医院|法院|报告|机构|单位)(?:的)?|那边|那里|当地|这边|(?:这|那)里头"
)
_ASKING = (
    r"多少|多[大长久远高]|几|什么|啥|谁|哪|何|怎|咋|吗|干嘛|没有?[?？]?$|没得|是否|有没有"
    r"|(?P<verb>\w)不(?P=verb)|[能可]否"
)
_QUESTION_WORD = re.compile(_ASKING)
_NOT_THAT = re.compile(
    rf"[,，]\s*不是(?![^,，]*(?:{_ASKING}))[^,，?？]*$|^不是[^,，]+[,，]\s*(?:我说的是|是(?![否不什啥谁哪怎咋多几]))"
)
"""What was not meant ("我问柳溪，不是松岭"), unless it asks ("…，不是本地户口可以申请吗")."""
_TAIL = re.compile(
    r"(?:(?:[,，]\s*|(?<!\s)\s+)?(?:各自|分别|一共|总共|共)?(?:是|为|有|占|达到?|建了|派了)?(?:多少|几|什么|啥|谁|哪|何时|怎|如何|咋).*|(?:是|为)?(?<![?？])[?？]+)$"
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
        r"(?:一共|总共|共|各)?(?:有|是|为|达到?)?(?:多少|几)(?:[名位个家次项条支处所场期种座间批套台艘份篇](?=.))?(?:[人户钱个家名元口](?!\h))?"
    )
)
_COUNTS = re.compile(with_han(r"(?:多少|几)[名位个家次项条支处所场期种座间批]?(\h{1,2})"))
_BARE_QUESTION = re.compile(with_han(r"(?:又|也|还)?(?:是|有)?(?:多少|几|什么|谁|怎[么样]+|如何)\h?[呢啊呀?？。]*"))
_SAID = r"(?:[说问提讲](?:过|到)?(?:的|起的)?)?"
BACK = re.compile(
    rf"^(?:我们?)?再?(?:回到|说回)?(?:(?P<first>(?:最初|最开始|一开始|最先|第一个){_SAID})"
    rf"|(?P<before>(?:再?前面|之前|刚才|上面|上一个|前一个){_SAID}))"
    r"(?:的?[那这]?个?(?:问题|话题)[,，的]?|(?=[那这]?个?(?:地方|[省市县区州旗镇]|公司|企业|集团|医院|法院|单位|机构)))"
)
"""The conversation's first question, or one before the last."""
WHICH_OF_THEM = re.compile(
    r"^(?:那|这)?(?:[两三几][个家]|两者|它们|他们)?(?:里面?|中|之间)?(?:谁|哪[个家边里]?(?:地方|县|区|市)?)"
)
_TIME = re.compile(r"(?:\d{4}年(?:度|底|末)?|\d{1,2}月|上半年|下半年|[一二三四]季度)")
_YEAR = re.compile(rf"{YEAR}(?=年)")
_AGAIN = re.compile(r"(?:那?(?P<before>[前上]一?年(?:同期)?|去年(?:同期)?)|(?P<after>[后下]一年|第二年|次年))")
"""The year before, or after, the one that was asked about."""
_SAME_YEAR = re.compile(r"(?:当|那一?|同一?|该)年(?![级龄底末初])度?")
_RELATIVE_YEAR = re.compile(r"[去今前本]年度?")
_BESIDE = re.compile(r"[比和跟与同]")
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
_OTHERS = re.compile(
    r"还有谁[也都]|(?:还有|其他|别的|另外)(?:还有)?(?:哪[里儿]"
    r"|(?:哪?[一几两些]?[个家些]?)(?:地方|[省市县区州旗](?![级直属内辖场域])|公司|企业|集团|医院|法院))"
)
"""Whether others are asked about than the conversation's last ones: "还有哪些农业补贴" asks more about the same."""
_ALL = re.compile(
    r"(?:(?:[两三四五六七八九十几]|\d)[个份篇]|各个?|每一?个|所有的?|全部的?)(?:地方|[省市县区](?![级直属内辖])|报告|材料|文件|文章)"
    r"|(?:各|每一?|所有的?|全部的?)家?(?:公司|企业|集团|医院|法院)"
)
"""Several or all of what documents are about."""
_PLACE = re.compile(with_han(r"\h{2,6}[省市县区州旗]"))
_SORTS = "省市县区州旗镇乡村"
_OF_US = re.compile(r"(?:^|(?<=[,，]))(?:你[^,，]*|我(?:只|就|是)?(?:想|要|问|说|指)(?:问|要|知道)?(?:的?是)?)[,，]?")
"""What speaks of the conversation and not of its subject: "我只要…", "我是问…，你答成…"."""
_HE = re.compile(r"[他她](?!们)")
_ALL_OF_THEM = re.compile(r"(?:全都|都|均|分别|各自)(?![会市督江道衡匀])")
"""Opens what is said of the several things just asked about: "都在哪个校区"."""
_WHICH_THINGS = re.compile(r"哪(?:些|几)")
_THOSE = re.compile(r"[这那](?:[两三四五六七八几些]|其中)|其中")
"""Several that were spoken of."""
_MARKED = re.compile(f"[{MARKS}]")
_NOUNS = ("n", "vn", "j", "l", "i", "eng", "s", "zg", "b", "a")


@dataclass(frozen=True, slots=True)
class Earlier:
    """The question that a follow-up leans on, which stands alone, and what the library knows about it."""

    text: str
    answer: str
    """To it, as said; may be empty."""
    mentions: Callable[[str], Sequence[Mention]]
    """Finds the documents' names in a normalised question."""
    moved_on: Callable[[str, Sequence[Mention]], bool]
    """Whether other documents than those mentioned have clearly more to say about a question."""
    holds: Callable[[str, Sequence[Mention]], bool]
    """Whether the documents that are mentioned speak of something by that name."""


def by_rules(question: str, earlier: Earlier) -> str | None:
    """Return ``question``, asked after ``earlier``, so that it stands alone; None where rules can't tell."""
    before = earlier.text
    rest = stripped(_in_same_year(question, before))
    text = normalise(rest)
    mine, theirs = earlier.mentions(text), earlier.mentions(normalise(before))
    others = theirs and not mine and _OTHERS.search(normalise(question))
    if not mine and not others and asks_of_all(text):
        return rest
    if not mine and _HE.search(rest) and (who := _person(earlier)):
        return _HE.sub(who, rest, count=1)
    if theirs and mine and _compares_with(text, mine[0]):
        return f"{topic(normalise(before))}{rest}"
    bare = _BARE.match(rest)
    if bare and not _QUESTION_WORD.search(normalise(bare["rest"])):
        asks = bare["rest"] != rest.rstrip("。！! ")  # 呢, 怎么样 or a question mark
        remark = not asks and not mine and not theirs and not _is_noun(text)
        return question if remark else _fragment(bare["rest"], text, mine, theirs, earlier)
    if theirs and _thin(text, mine):
        return _carried(rest, text, mine, normalise(before), theirs)
    if others:
        return f"除了{'、'.join(dict.fromkeys(m.text for m in theirs))}，还有{rest}"
    if not mine and _ALL_OF_THEM.match(text) and (things := _things(normalise(before), theirs)):
        names = "和".join(dict.fromkeys(mention.text for mention in theirs))
        return f"{names}的{things}{rest}" if names else f"{things}{rest}"
    if mine or not theirs:
        return rest if mine and rest != question and _QUESTION_WORD.search(rest) else question
    names = "和".join(dict.fromkeys(mention.text for mention in theirs))
    pronoun = _PRONOUN.search(rest)
    if pronoun and not re.search(r"[,，]", rest[: pronoun.start()]):  # "the village X, what did it get": that is X
        return with_name(names + (_last_place(before, theirs) if pronoun[0].startswith("它") else ""), rest)
    if earlier.moved_on(text, theirs) or (COMPARATIVE.search(text) and "哪" in text):
        return question
    return f"{names}{rest}"


def _things(before: str, theirs: Sequence[Mention]) -> str:
    """Return the things that the question before it counts or wants listed: 寄宿生 of "有多少寄宿生"."""
    focus = _WHICH_THINGS.sub("多少", without(before, theirs))
    return counted_thing(focus, False) if _QUESTION_WORD.search(focus) else ""


def _in_same_year(question: str, before: str) -> str:
    """Return a question with the only year of the one before it for "that year"."""
    years = set(_YEAR.findall(before))
    return _SAME_YEAR.sub(f"{years.pop()}年", question) if len(years) == 1 else question


def _compares_with(text: str, name: Mention) -> bool:
    """Whether a question (normalised) only sets what was asked before beside a name: "比华远少多少"."""
    if name.start != 1 or not _BESIDE.match(text):
        return False
    return not any(kind.startswith("n") for word, kind in tag(text[name.end :]) if word not in _GENERAL)


def with_name(name: str, question: str) -> str:
    """Return a question with a name in place of its pronoun, or before it."""
    pronoun = _PRONOUN.search(question)
    if not pronoun:
        return f"{name}{question}"
    return question[: pronoun.start()] + name + _possessive(pronoun[0]) + question[pronoun.end() :]


def asks_of_all(text: str) -> bool:
    """Whether a question (normalised) that names no document asks about all or several of them, and not "those two"."""
    return bool(_ALL.search(text)) and not _THOSE.search(text)


def _person(earlier: Earlier) -> str:
    """Return the one person whom the answer before names, where the question before asked who; else nothing."""
    if _answer_type(earlier.text) is not AnswerType.PERSON:
        return ""
    found = dict.fromkeys(name for name in proper_names(earlier.answer, PERSON_TAGS) if name not in earlier.text)
    return next(iter(found)) if len(found) == 1 else ""


def _last_place(before: str, theirs: Sequence[Mention]) -> str:
    """Return the place that ``before`` names last, if that isn't one of the documents' names: what "it" is then."""
    text = normalise(before)
    start = max(mention.end for mention in theirs)
    places = [word for word in proper_names(text[start:], PLACE_TAGS) if len(word) > 2]
    return f"的{places[-1]}" if places else ""


def _possessive(pronoun: str) -> str:
    return "的" if pronoun.endswith("的") else ""


def stripped(question: str) -> str:
    """Return ``question`` without the words that only tie it to the conversation; nothing of "好的，谢谢"."""
    rest = _NOT_THAT.sub("", question.strip())
    rest = _OPENING.sub("", rest)
    rest = _I_MEANT.sub("", rest)
    return _I_MEANT.sub("", rest).strip(" ,，。")


def _answer_type(text: str) -> AnswerType:
    return wanted(normalise(text).strip()).answer_type


def _fragment(rest: str, text: str, mine: Sequence[Mention], theirs: Sequence[Mention], earlier: Earlier) -> str | None:
    """Complete a fragment ("那罗江呢", "占比呢", "罗江的驻村队呢") from the question before it."""
    before = normalise(earlier.text)
    own = _PRONOUN.sub("", without(text.rstrip("?？。呢 "), mine)).strip("的 在对它")
    own = _OF_US.sub("", own).strip("呢, ，")
    own = "" if all(word in STOPWORDS for word in words(own)) else own
    stem = _TAIL.sub("", before).rstrip("的 ")
    ending = _ENDING.get(_answer_type(before), "是什么？")
    asked = replaced(before, theirs, mine[0].text) if mine else before
    if mine and not own:
        return asked
    if dated := _dated(own, asked) or _moved(own, asked):
        return dated
    if mine:
        return f"{mine[0].text}{own}{ending}"
    if _is_name(own) and (not earlier.holds(own, theirs) if theirs else _named_span(before)):
        return replaced(before, theirs, own)
    kind = _answer_type(own)
    if not theirs:
        owner = stem.rpartition("的")[0]
        if owner and kind is AnswerType.OTHER:
            return f"{owner}的{own}呢？"
        if _is_noun(own):
            return f"{own}{_ENDING.get(kind, ending)}"
        return None
    name = "".join(dict.fromkeys(m.text for m in theirs))
    if _answer_type(f"{own}叫什么") is AnswerType.PERSON and own[-2:] not in before:  # a post, and not more of those
        return f"{name}{own}是谁？"
    stem = _without_deed(stem)
    about = stem if kind is AnswerType.PERCENT or own in _GENERAL else name
    return f"{about}{own}{_ENDING.get(kind, ending)}"


def _without_deed(text: str) -> str:
    """Return ``text`` without the verb that ends it: "茶叶" of "茶叶卖了"."""
    if not text.endswith("了"):
        return text
    left = list(tag(text))[:-1]
    while left and left[-1][1].startswith("v"):
        left.pop()
    return "".join(word for word, _ in left)


def _is_noun(text: str) -> bool:
    """Whether the last word of ``text`` is a noun, by its tag."""
    tagged = list(tag(text))
    return bool(tagged) and tagged[-1][1].startswith(_NOUNS)


def _is_name(text: str) -> bool:
    """Whether ``text`` is a name, of a place as a rule, and nothing else."""
    return proper_names(text, ENTITY_TAGS) == [text] or _PLACE.fullmatch(text) is not None


def _dated(own: str, before: str) -> str:
    """Return ``before`` with the time of ``own`` ("2021年", "前一年") for its own, or before it; else nothing."""
    if _TIME.fullmatch(own):
        its = _TIME if _TIME.search(before) else _RELATIVE_YEAR
        return its.sub(own, before, count=1) if its.search(before) else f"{own}{before}"
    relative, year = _AGAIN.fullmatch(own), _YEAR.search(before)
    if not relative or not year:
        return ""
    return _YEAR.sub(str(int(year[0]) + (1 if relative["after"] else -1)), before)


def _named_span(text: str) -> Span | None:
    """Return where the one place or body stands that ``text`` names, with the nouns that belong to its name."""
    found: list[Span] = []
    at = 0
    for word, kind in tag(text):
        start, at = at, at + len(word)
        if kind in ENTITY_TAGS and not (found and found[-1][1] == start):
            found.append((start, at))
        elif found and found[-1][1] == start and (kind.startswith("n") or word[0] in _SORTS):
            # the segmenter cuts 北山县有 into 北山 and 县有
            found[-1] = (found[-1][0], at if kind.startswith("n") else start + 1)
    return found[0] if len(found) == 1 else None


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


def _carried(rest: str, text: str, mine: Sequence[Mention], before: str, theirs: Sequence[Mention]) -> str | None:
    """Return a thin question behind what the question before it was about; names of its own take the others' place.

    None when the question before it is made of question words alone.
    """
    if mine:
        other = replaced(before, theirs, mine[0].text)
        own = without(text, mine).strip("的 ,，")
        return other if _BARE_QUESTION.fullmatch(own) else f"{topic(other)}，{own}"
    about = topic(before)
    return f"{_TIME.sub('', about) if _TIME.search(rest) else about}，{rest}" if about else None


def topic(question: str) -> str:
    """Return what a question is about: the question without its question words, and without what it carried itself."""
    rest = re.split(r"[,，]", question.rstrip("?？ "))[0]
    shorter = _HOW_MANY.sub("", _MANNER.sub("", rest))
    return re.sub(r"(?:分别|各自?)$", "", (_TAIL.sub("", rest) if shorter == rest else shorter).rstrip("的 是为"))


def says_what(left: str) -> bool:
    """Whether the rest of "which of them has more" says of what: "的员工更多", unlike "更多"."""
    return bool(_COMPARING.sub("", left).strip("的一些点呢吗啊呀?？。 多少高低大小早晚长短快慢"))


def replaced(before: str, theirs: Sequence[Mention], name: str) -> str:
    """Return the earlier question with its names replaced by another.

    Args:
        theirs: the documents' names in it. Without them the one place or body that it speaks of gives way; where it has
            none, or several, the name stands before it.
    """
    if not theirs:
        start, end = _named_span(before) or (0, 0)
        return before[:start] + name + before[end:]
    if len(theirs) > 1 and COMPARATIVE.search(before):
        rest = _COMPARING.sub("", without(before, theirs)).strip("的 ,，?？")
        return f"{name}的{rest}有多少？"
    first = theirs[0]
    return without(before, theirs[1:])[: first.start] + name + without(before, theirs[1:])[first.end :]
