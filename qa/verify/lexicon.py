"""Words that verification needs to know by heart: opposites, directions, negations, roles."""

from __future__ import annotations

import re

OPPOSITES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(left.split()), frozenset(right.split()))
    for left, right in (
        pair.split("|")
        for pair in (
            "增长 增加 上升 提高 提升 上涨 增至 升至 增幅 扩大 增强 增|下降 减少 降低 下滑 下跌 减至 降至 减幅 降幅 缩减 压减 压缩 缩小 缩短 减",
            "盈利 盈余|亏损",
            "支持 准许|驳回 不予支持",
            "买入 购买 收购|卖出 出售 转让",
            "合格 达标|不合格 不达标",
            "成立 新建 设立 新增 组建 建立|撤销 撤并 注销 取消",
            "全部 所有 全体 全都|部分 多数 大部分 个别",
            "胜诉|败诉",
            "男 男性|女 女性",
            "有利|不利",
            "rise rose rises risen increase increased increases grow grew grows grown growth up gained|fall fell falls fallen "
            "decrease decreased decreases decline declined declines drop dropped reduced down lost shrank",
            "open opened opening|close closed closing",
            "profit profits|loss losses",
            "won|lost",
            "all every|some most few",
            "before|after",
        )
    )
)
"""Pairs of groups of words; those of one group mean about the same, those of the other the opposite."""

NEGATOR = re.compile(
    r"没有|并非|从未|尚未|未曾|否认|没|非(?!常|公|遗|洲|物质)|未(?!来|成年)|无(?!差别|线|党派|论|人机|偿|障碍|缝)"
    r"|不(?!断|仅|但|少|同|足|到|久|超过|低于|少于|高于|多于|动产|忘|懈|管|论|锈)"
    r"|\b(?:not|no|never|without|none|neither|nor|cannot|denied|denies)\b|n't\b"
)
PLANNED = re.compile(
    r"计划|拟(?!定)|将(?=[^，。；]{0,12}(?:建|达|成|完|实))|力争|争取|预计|目标"
    r"|\b(?:will|plan|plans|planned|aim|aims|intend|intends|expected|proposed)\b"
)
DONE = re.compile(r"已|完成了|建成了|\b(?:has|have|already|completed)\b")
CAUSE = re.compile(
    r"因为|由于|因(?=[^此素])|导致|使得|得益于|源于|归功于|\b(?:because|due to|owing to|thanks to|caused|led to)\b"
)
CAUSE_GIVEN = re.compile(
    r"因|由于|导致|使|得益|源于|通过|带来|促进|推动|带动|实现"
    r"|\b(?:because|due|owing|thanks|caused|led|through|result|resulted|as|by)\b"
)
ROLES = (
    "原告|被告|上诉人|被上诉人|申请人|被申请人|第三人|院长|董事长|总经理|经理|书记|主任|局长|县长|市长|区长|镇长|法官|审判长|负责人|"
    "法定代表人|患者|医生|教授|校长|部长|主席|会长|总裁"
)
PLACE_SUFFIXES = frozenset(
    "省 市 县 区 州 盟 旗 镇 乡 村 街道 社区 公司 集团 银行 医院 法院 大学 学院 学校 中学 小学 研究院 研究所 基金会 协会 委员会".split()
)
GENERIC = frozenset(
    "全 该 本 各 此 这 那 两 某 每 多 个 几 所 在 我 省级 市级 县级 区级 国家级 上级 当地 其他 其它 有限 股份 责任 分 总 子 母 上市".split()
)
NOT_NOUNS = frozenset(
    "减少 增加 调整 下降 上升 提高 提升 增长 增至 减至 压缩 以上 以下 以内 左右 之间 可以 其中 分别 已经 开展 进行".split()
)
"""Two characters behind a figure that are no name of what is counted."""

_SIDES = [side for pair in OPPOSITES for side in pair]


def alike(word: str) -> frozenset[str]:
    """Return the words that mean about the same as ``word``, itself among them."""
    return next((side for side in _SIDES if word in side), frozenset({word}))
