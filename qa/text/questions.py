"""Whether a stretch of text asks something."""

from __future__ import annotations

import re

ASKS = re.compile(
    r"[?？]|多少|几[^乎]|什么|啥|谁|哪|何|怎|咋|吗|呢|是否|有没有|总结|概括|概述|介绍|说明|列出|列举|比较|对比|占比|总数|数量"
    r"|\b(?:how|what|which|who|when|where|why|is|are|did|does|do|list|compare|summari[sz]e|describe)\b",
    re.I,
)
"""What a stretch of text has that asks something."""
