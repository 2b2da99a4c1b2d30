"""The frame of an HTML report: head, style and script, all inside the one file."""

from __future__ import annotations

from importlib import resources

from eval.report.markup import Markup, escape, tag


def page(title: str, *sections: Markup) -> str:
    """Return a whole HTML document that loads nothing."""
    files = resources.files(__package__)
    style = files.joinpath("report.css").read_text(encoding="utf-8")
    script = files.joinpath("report.js").read_text(encoding="utf-8")
    body = "\n".join(sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )


def controls(types: list[str], label: str, bad: str = "wrong", good: str = "right", none: str = "no verdict") -> Markup:
    """Return the row that narrows a list of questions: by text, by type, by verdict (named for the marks)."""
    options = [tag("option", "every type", value=""), *(tag("option", name, value=name) for name in types)]
    verdicts = [("", "every verdict"), ("bad", bad), ("good", good), ("none", none)]
    return tag(
        "div",
        tag("input", type="search", placeholder="find in questions and answers", aria_label="find", data_filter="text"),
        tag("select", *options, aria_label="type", data_filter="type"),
        tag(
            "select",
            *(tag("option", text, value=value) for value, text in verdicts),
            aria_label="verdict",
            data_filter="verdict",
        ),
        tag("button", "open all", type="button", data_open="1"),
        tag("button", "close all", type="button", data_open=""),
        tag("span", label, class_="count", data_count="1"),
        class_="controls",
    )
