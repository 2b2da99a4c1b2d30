"""A stand-in embedder and made-up reports, so that a benchmark of any size measures the library and not a model."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np

from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.reading import RawDocument

_BUCKETS = 4096
_NAMES = (
    "安宝昌长川春大德定东丰福高光广海和恒弘华怀吉建江金景康乐丽林龙隆"
    "梅明南宁平青清瑞山石松泰天望武西兴阳永玉元云泽镇中竹"
)
_TOPICS = ("粮食生产", "教育", "卫生健康", "交通运输", "水利", "旅游", "工业", "环境保护", "养老服务", "科技创新")
_THINGS = (
    "学校",
    "医院",
    "桥梁",
    "大棚",
    "水库",
    "企业",
    "村民小组",
    "图书室",
    "公交线路",
    "养老院",
    "网格员",
    "合作社",
)
_SYLLABLES = ("Al", "Bren", "Cal", "Dun", "Ems", "Fal", "Gar", "Hol", "Ing", "Kel", "Lin", "Mar", "Nor", "Pen", "Ros")
_ENDS = ("bridge", "bury", "combe", "field", "ford", "ham", "ley", "mere", "stead", "ton", "wick", "worth")
_KINDS = ("Council", "Hospital", "Water Board", "University", "Museum", "Railway", "Harbour Trust", "Library Service")
_ITEMS = ("pumps", "nurses", "visitors", "apprentices", "bridges", "classrooms", "complaints", "vehicles", "volunteers")
_ENGLISH_EVERY = 10
_SENTENCES = 24
"""Of one document; they make about 5.5 passages."""


class StandIn(Embedder):
    """Adds up a random direction for each pair of characters, so that texts alike are near each other."""

    name = "stand-in"
    fingerprint = "stand-in-1"
    dimensions = 384

    def __init__(self) -> None:
        self._directions = np.random.default_rng(0).standard_normal((_BUCKETS, self.dimensions)).astype(np.float32)

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        rows = np.stack([self._directions[_pairs(text)].sum(axis=0) for text in texts])
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def _pairs(text: str) -> np.ndarray:
    codes = np.frombuffer(f"{text} ".encode("utf-32-le"), dtype="<u4").astype(np.int64)
    pairs = (codes[:-1] * 1_000_003 + codes[1:]) % _BUCKETS if len(codes) > 1 else codes % _BUCKETS
    return np.asarray(pairs)


def reports(first: int, last: int) -> Iterator[RawDocument]:
    """Yield the documents ``first`` to ``last`` - 1: the same for a number in every run. Every tenth is in English."""
    for number in range(first, last):
        make = _english if number % _ENGLISH_EVERY == 0 else _chinese
        yield RawDocument.of(f"report-{number:07}.txt", make(number), "utf-8")


def questions(documents: int, count: int) -> list[str]:
    """Return questions, most of which name one of as many documents; the rest name none, or one that isn't there."""
    step = max(1, documents // count)
    return [_question(at, at * step) for at in range(count)]


def _question(at: int, number: int) -> str:
    thing = _THINGS[at % len(_THINGS)]
    if at % 5 == 3:
        return f"今年新建{thing}最多的地方是哪里？"
    if at % 5 == 4:
        return f"乌有县建成了多少{thing}？"
    if number % _ENGLISH_EVERY == 0:
        return f"How many {_ITEMS[at % len(_ITEMS)]} did {_town(number)} have?"
    return f"{_county(number)}新建了多少{thing}？"


def _county(number: int) -> str:
    """Return one of 3,000 names and more: over 30,000 documents several share one, as editions of a report do."""
    size = len(_NAMES)
    return f"{_NAMES[number * 7 % size]}{_NAMES[number * 7 // size * 11 % size]}县"


def _town(number: int) -> str:
    tens = number // _ENGLISH_EVERY
    kind = _KINDS[tens // len(_SYLLABLES) // len(_ENDS) % len(_KINDS)]
    return f"{_SYLLABLES[tens % len(_SYLLABLES)]}{_ENDS[tens // len(_SYLLABLES) % len(_ENDS)]} {kind}"


def _chinese(number: int) -> str:
    chance, county = random.Random(number), _county(number)
    topic, year = _TOPICS[number % len(_TOPICS)], 2015 + number // 3000 % 10
    lines = [f"{county}{year}年{topic}工作报告", ""]
    for at in range(_SENTENCES):
        one, other = chance.choice(_THINGS), chance.choice(_THINGS)
        village = f"{chance.choice(_NAMES)}{chance.choice(_NAMES)}村"
        lines.append(
            f"{year}年，{county}新建{one}{chance.randint(2, 900)}个，改造{other}{chance.randint(2, 900)}个，"
            f"{village}投入资金{chance.randint(10, 9000)}万元，比上年增长{chance.randint(1, 40)}%。"
        )
        if at % 6 == 5:
            lines += ["", f"{'一二三四五六'[at // 6]}、{chance.choice(_TOPICS)}", ""]
    return "\n".join(lines)


def _english(number: int) -> str:
    chance, town = random.Random(number), _town(number)
    year = 2015 + number // 3000 % 10
    lines = [f"{town}: Annual Report {year}", ""]
    for at in range(_SENTENCES):
        one, other = chance.choice(_ITEMS), chance.choice(_ITEMS)
        lines.append(
            f"In {year} {town} had {chance.randint(2, 900)} {one} and {chance.randint(2, 900)} {other}, "
            f"and spent {chance.randint(10, 9000)} thousand pounds, {chance.randint(1, 40)}% more than the year before."
        )
        if at % 6 == 5:
            lines += ["", f"{at // 6 + 1}. {chance.choice(_KINDS)}", ""]
    return "\n".join(lines)
