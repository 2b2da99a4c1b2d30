"""Units that stand behind a number, their common names, and which of them can mean the same."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Unit(NamedTuple):
    """A unit's normalised name, and how many of that one it is (公里 is 1000 米)."""

    name: str
    factor: Decimal = Decimal(1)


_EQUAL: dict[str, str] = {
    "%": "% percent per-cent pct",
    "points": "个百分点 百分点 percentage-points percentage-point",
    "CNY": "元 块钱 元人民币 人民币 yuan rmb cny renminbi",
    "USD": "美元 美金 dollars dollar usd",
    "HKD": "港元 港币 hkd",
    "EUR": "欧元 euros euro eur",
    "JPY": "日元 yen",
    "GBP": "英镑 pounds pound",
    "人": "人 名 位 people persons person",
    "人次": "人次",
    "户": "户 households household",
    "年": "年 周年 years year",
    "岁": "岁 周岁",
    "月": "个月 个月份 months month",
    "周": "周 星期 个星期 weeks week",
    "天": "天 日 days day",
    "工作日": "个工作日 工作日",
    "小时": "小时 个小时 hours hour",
    "分钟": "分钟 minutes minute",
    "秒": "秒 seconds",
    "年代": "年代",
    "倍": "倍 times",
    "平方米": "平方米 ㎡ m² 平米",
    "公顷": "公顷 hectares",
    "亩": "亩 mu",
    "米": "米 metres meters",
    "克": "克 g grams",
    "升": "升 l litres liters",
    "毫米汞柱": "mmhg 毫米汞柱",
    "°C": "℃ °c 摄氏度",
    "度": "度",
    "瓦": "瓦",
    "千瓦时": "千瓦时 kwh",
}
_SCALED: dict[str, tuple[str, str]] = {
    "‰": ("%", "0.1"),
    "成": ("%", "10"),
    "公里": ("米", "1000"),
    "千米": ("米", "1000"),
    "km": ("米", "1000"),
    "kilometres": ("米", "1000"),
    "kilometers": ("米", "1000"),
    "厘米": ("米", "0.01"),
    "cm": ("米", "0.01"),
    "毫米": ("米", "0.001"),
    "mm": ("米", "0.001"),
    "平方公里": ("平方米", "1000000"),
    "平方千米": ("平方米", "1000000"),
    "公斤": ("克", "1000"),
    "千克": ("克", "1000"),
    "kg": ("克", "1000"),
    "毫克": ("克", "0.001"),
    "mg": ("克", "0.001"),
    "斤": ("克", "500"),
    "吨": ("克", "1000000"),
    "tonnes": ("克", "1000000"),
    "tons": ("克", "1000000"),
    "毫升": ("升", "0.001"),
    "ml": ("升", "0.001"),
    "千瓦": ("瓦", "1000"),
    "兆瓦": ("瓦", "1000000"),
}
_CLASSIFIERS = """
个 家 项 支 件 条 批 场 期 类 款 座 所 处 种 次 轮 套 间 台 辆 艘 架 只 头 匹 棵 株 份 篇 部 本 册 张 幅 枚 块 片
层 栋 幢 级 届 岗 章 节 页 号 站 组 队 村 镇 乡 县 市 区 省 国 校 院 店 股 票 笔 宗 起 例 门 颗 粒 滴 瓶 盒 箱 包
袋 维 大 院线 方面 领域 季度 度电 点位 字 道 根 把 副 双 对 排 列 行 段 首 顶 户次 车次 班 课时 学时
"""

UNITS: dict[str, Unit] = {word.replace("-", " "): Unit(name) for name, many in _EQUAL.items() for word in many.split()}
UNITS |= {word: Unit(name, Decimal(factor)) for word, (name, factor) in _SCALED.items()}
UNITS |= {word: Unit(word) for word in _CLASSIFIERS.split()}
UNITS = dict(sorted(UNITS.items(), key=lambda item: -len(item[0])))

CURRENCY_SIGNS = {"$": "USD", "¥": "CNY", "€": "EUR", "£": "GBP", "hk": "HKD", "rmb": "CNY", "cny": "CNY"}
CURRENCY_SIGNS |= {"usd": "USD", "eur": "EUR"}

MAGNITUDE: dict[str, Decimal] = {
    word: Decimal(10) ** zeros
    for zeros, words in {
        2: "百 hundred",
        3: "千 thousand k",
        4: "万 萬",
        5: "十万",
        6: "百万 million mn",
        7: "千万",
        8: "亿 億",
        9: "十亿 billion bn",
        10: "百亿",
        11: "千亿",
        12: "万亿 trillion",
    }.items()
    for word in words.split()
}

_MONTHS = """
january jan
february feb
march mar
april apr
may
june jun
july jul
august aug
september sept sep
october oct
november nov
december dec
"""
MONTH_NAMES = tuple(line.split()[0] for line in _MONTHS.strip().splitlines())
"""English, in full, lower case."""
MONTHS = {name: number for number, names in enumerate(_MONTHS.strip().splitlines(), start=1) for name in names.split()}

_COUNTED = frozenset(_CLASSIFIERS.split()) | {""}
COUNTED = _COUNTED | {"人", "人次", "户"}
"""Units of counts; a number without a unit is a count too."""
_SHARES = frozenset({"%", "points"})


def compatible(claim: str, source: str) -> bool:
    """Whether two unit names can stand for one thing.

    A missing unit goes with any but a share; 个 with any classifier and with people; classifiers with each other, since
    which one is used is a matter of style (17个 and 17家); people, visits, households and shares only with themselves.
    """
    if claim == source:
        return True
    pair = {claim, source}
    if "" in pair:
        return not pair & _SHARES
    if "个" in pair and "人" in pair:
        return True
    if pair == {"人次", "次"}:
        return True
    return pair <= _COUNTED
