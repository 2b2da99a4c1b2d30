"""Words that verification needs to know by heart: opposites, directions, negations, roles."""

from __future__ import annotations

import re

_OPPOSITES = """
增长 增加 上升 提高 提升 上涨 增至 升至 增幅 扩大 增强 增|\
下降 减少 降低 下滑 下跌 减至 降至 减幅 降幅 缩减 压减 压缩 缩小 缩短 减
盈利 盈余|亏损
支持 准许|驳回 不予支持
赞成 同意|反对 弃权
买入 购买 收购|卖出 出售 转让
合格 达标|不合格 不达标
成立 新建 设立 新增 组建 建立|撤销 撤并 注销 取消
全部 所有 全体 全都|部分 多数 大部分 个别
胜诉|败诉
男 男性|女 女性
有利|不利
rise rose rises risen increase increased increases grow grew grows grown growth up gained|\
fall fell falls fallen decrease decreased decreases decline declined declines drop dropped reduced down lost shrank
open opened opening|close closed closing
profit profits|loss losses
won|lost
all every|some most few
before|after
"""
OPPOSITES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(left.split()), frozenset(right.split()))
    for left, right in (pair.split("|") for pair in _OPPOSITES.strip().splitlines())
)
"""Pairs of groups of words; those of one group mean about the same, those of the other the opposite."""

CHANGES = frozenset().union(*(side for pair in OPPOSITES if pair[0] & {"增加", "rise"} for side in pair))
"""Words for more and less: which way a figure went, not what it is a figure of."""

_REPORTING = """
共 共有 总共 合计 总计 累计 约 大约 占 称 表示 指出 显示 提示 包括 包含 涉及 依据 资料 文件 材料 原文 方面 进行
情况 具体 主要 同时 此外 另外 还有 由此 可见 即 数 人数 数量 总数 比例 比重 占比 高于 低于 多于 少于 相比
最高 最低 最多 最少 最大 最小 高 低 少 比 地方 排 名列 依次 超过 余 以上 以下 以内 以来 左右 之一 均 给予 予以
更高 更低 更多 更少 更大 更小 更早 更晚 更长 更短
相关 有关 年 月 日 名 人 户 家 项 元 万元 亿元 首先 其次 再次 最后 最终 随后 然后 接着 综上 总之 一方面 另一方面
措施 举措 不仅 不但 尽管 虽然 然而 从而 进而 综合 共同 总体 整体 来看 与此同时 随着 目前 截至 近年来 当前 如今
等于 减去 加上 前者 后者 相差 差额 原来 也就是说
为此 了 达 达到 实现 开展 其中 分别 尚 仍 已 内 当年 期间 全年 上年 来自 说 指 一 两
具体做法 具体来说 具体而言 总的来说 总体来看 总体而言 换句话说 换言之 简而言之 综上所述 值得一提 值得注意
meanwhile overall specifically additionally furthermore moreover therefore thus hence accordingly similarly likewise
finally lastly passage passages document documents evidence information provided based
says said reports report according stated states total including includes respectively highest lowest most least largest
smallest fewest more less fewer
bigger larger higher lower greater smaller longer shorter earlier later
than number share had about during year which while however
"""
_OPPOSITE_CHARACTERS = """
左右 上下 前后 内外 南北 东西 大小 长短 早晚 升降 阴阳 买卖 增减 正负 优劣 轻重 高低 多少 进出 男女 公私
"""
OPPOSITE_CHARACTERS = {pair[i]: pair[1 - i] for pair in _OPPOSITE_CHARACTERS.split() for i in (0, 1)}
"""Characters that turn a word round when they change places (左肺, 右肺)."""
PARTIES = (
    ("原告", "被告"),
    ("上诉人", "被上诉人"),
    ("申请人", "被申请人"),
    ("甲方", "乙方"),
    ("买方", "卖方"),
    ("债权人", "债务人"),
)
"""Who does something to whom; their order matters."""

REPORTING = frozenset(_REPORTING.split())
"""Words that tell, count or connect and claim nothing by themselves."""

NEGATOR = re.compile(
    r"没有(?!超过)|并非|从未|尚未|未曾|否认|没(?!有?超过)|非(?!常|公|遗|洲|物质)|未(?!来|成年|超过)|无(?!差别|线|党派|论|人机|偿|障碍|缝)"
    r"|不(?!断|仅|但|少|同|足|到|久|超过|低于|少于|高于|多于|动产|忘|懈|管|论|锈)"
    r"|\b(?:not|no|never|without|none|neither|nor|cannot|denied|denies)\b|n't\b"
)
PLANNED = re.compile(
    r"计划|拟(?!定)|将(?=[^，。；]{0,12}(?:建|达|成|完|实))|力争|争取|预计|有望|目标"
    r"|\b(?:will|plan|plans|planned|aim|aims|intend|intends|expected|proposed)\b"
)
ONLY_PLANNED = re.compile(
    r"计划(?=[到在于用今明\d])|拟(?!定)|力争|争取(?=[到在于\d])|预计|有望"
    r"|\b(?:will|(?:is|are|was|were) (?:expected|planned|due|proposed)|(?:plans?|aims?|intends?) to)\b"
)
"""A plan for certain: 计划 and 目标 are as often names of programmes."""
CHANGED = re.compile(
    r"增|减|上升|提高|提升|上涨|下降|降|下滑|下跌|上调|下调|缩|扩大|同比|环比|比上年|比去年|变化|变动|[升涨跌]了"
    r"|\b(?:rise|rose|risen|rising|increas\w*|gr[eo]w\w*|growth|up|fall|fell|fallen|decreas\w*|declin\w*|drop\w*|down|by|change\w*)\b"
)
"""What makes a figure the size of a change and not a level."""
DONE = re.compile(r"已|完成了|建成了|\b(?:has|have|already|completed)\b")
CAUSE = re.compile(
    r"因为|由于|因(?=[^此素])|导致|使得|得益于|源于|归功于|\b(?:because|due to|owing to|thanks to|caused|led to)\b"
)
CAUSE_GIVEN = re.compile(
    r"因|由于|导致|使|得益|源于|通过|带来|促进|推动|带动|实现"
    r"|\b(?:because|due|owing|thanks|caused|led|through|result|resulted|as|by)\b"
)
ROLES = (
    "原告|被告|上诉人|被上诉人|申请人|被申请人|第三人|院长|董事长|总经理|经理|书记|主任|局长|县长|市长|区长|镇长|"
    "法官|审判长|负责人|法定代表人|患者|医生|教授|校长|部长|主席|会长|总裁"
)
_PLACES = """
省 市 县 区 州 盟 旗 镇 乡 村 街道 社区 公司 集团 银行 医院 法院 大学 学院 学校 中学 小学 研究院 研究所 基金会
协会 委员会
"""
PLACE_SUFFIXES = frozenset(_PLACES.split())
_GENERIC = """
全 该 本 各 此 这 那 两 某 每 多 个 几 所 在 我 省级 市级 县级 区级 国家级 上级 当地 其他 其它 有限 股份 责任 分 总
子 母 上市
"""
GENERIC = frozenset(_GENERIC.split())
"""What stands before such a word without naming anything."""
_COMMON_IN_NAMES = """
group company companies bank plc ltd limited inc corporation council university college school city county state
district national royal trust society association agency office department authority commission committee hospital
hospitals
police service services report annual review accounts statement foundation charity water energy foods
"""
COMMON_IN_NAMES = frozenset(_COMMON_IN_NAMES.split())
"""Words of English names that many bodies share: none of them names one."""
_NOT_NOUNS = """
减少 增加 调整 下降 上升 提高 提升 增长 增至 减至 压缩 以上 以下 以内 左右 之间 可以 其中 分别 已经 开展 进行
"""
NOT_NOUNS = frozenset(_NOT_NOUNS.split())
"""Two characters behind a figure that are no name of what is counted."""

_SIDES = [side for pair in OPPOSITES for side in pair]


def synonyms(word: str) -> frozenset[str]:
    """Return the words that mean about the same as ``word``, itself among them."""
    return next((side for side in _SIDES if word in side), frozenset({word}))
