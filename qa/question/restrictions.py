"""Ways in which a question narrows down ("每月", "最高", "新增"), and what a sentence that follows must have."""

from __future__ import annotations

import re

_RESTRICTIONS = tuple(
    (re.compile(asked), re.compile(held))
    for asked, held in (
        (r"平均|人均|户均|村均|均", r"均"),
        (r"每(?:天|日)|日均|(?<!哪)一天", r"每(?:天|日)|日均"),
        (r"每(?:个)?月|月均|(?<!哪)一个月|月薪", r"每(?:个)?月|月均|元/月|月"),
        (r"每(?:一)?年|年均|(?<!哪)一年", r"每(?:一)?年|年均|/年|年度?"),
        (r"每(?:个|人|名|户|家|支|村)", r"每|各|均|给予"),
        (r"最(?:高|多|大|长|早)(?![要能可会]|不超)|第一", r"最|第一|首|冠"),
        (r"最(?:低|少|小|短|晚)", r"最"),
        (r"女(?!排|篮|足|子|单|双)|妇女", r"女|妇"),
        (r"(?<!子)男(?!排|篮|足|子|单|双)", r"男"),
        (r"同比|比上年|比去年", r"同比|比上年|较上年|比去年|上年同期|增长|下降|提高|增加|减少"),
        (r"环比", r"环比"),
        (r"(?<!一)季度", r"季"),
        (r"上半年", r"上半年|1-6月|六个月"),
        (r"下半年", r"下半年"),
        (r"新(?:增|建|成立|组建|发展|招|聘|选)", r"新|增"),
        (r"单独|单建|独立", r"单"),
        (r"之前|以前|原来|原先", r"原|由|从|前|减少|增加|提高"),
    )
)
"""Ways of narrowing a question down, and what a sentence that follows has: general words of counting and comparing."""


def restrictions(text: str) -> tuple[re.Pattern[str], ...]:
    """Return what a sentence must have, for each way in which ``text`` (normalised) narrows down."""
    return tuple(needed for asked, needed in _RESTRICTIONS if asked.search(text))
