"""Turns the formulas of the pages into MathML when the site is built.

Browsers draw MathML themselves, so that the site needs no script for formulas and no network.
"""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

__all__ = ["on_page_content"]

#: operators named by letters, before something that is no bracket
_NAMED = re.compile(r"(?<!<msup>)(?<!<msub>)<mi>(cos|sin|ln|exp|tr|max|min)</mi>(?!<mo)")
_FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<kind>[(\[])(?P<latex>.*?)\\[)\]]</(?P=tag)>', re.S
)


def on_page_content(content: str, **_: Any) -> str:
    """The page with every formula that arithmatex marked as MathML."""
    return _FORMULA.sub(_mathml, content)


def _mathml(match: re.Match[str]) -> str:
    block = match["kind"] == "["
    latex = html.unescape(match["latex"]).strip()
    formula = convert(latex, display="block" if block else "inline")
    formula = _NAMED.sub(r'<mi>\1</mi><mspace width="0.17em"/>', formula)
    return f'<div class="formula">{formula}</div>' if block else formula
