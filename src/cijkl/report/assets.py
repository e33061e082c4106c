"""What pages are made of besides their numbers: templates, scripts, plotly.js."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

    from cijkl.plots.style import Theme

__all__ = ["asset", "page_template", "plotly_js", "script_hash", "theme"]


@cache
def page_template(name: str, package: str = "cijkl.report") -> Template:
    """Template of a page, everything put into it escaped."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(asset(name, package))


@cache
def asset(name: str, package: str = "cijkl.report") -> str:
    """Text of a file that lies in a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


@cache
def plotly_js() -> str:
    """plotly.js as it may stand inside a script element."""
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return re.sub(r"</(?=script)", r"<\\/", script.replace("\r", ""), flags=re.IGNORECASE)


@cache
def theme() -> str:
    """Colours and font as variables of CSS, for light and dark."""
    from cijkl.plots.style import DARK, FONT, LIGHT

    light = f"{_colours(LIGHT)} --ground: #f3f5f8; --font: {FONT};"
    dark = f"{_colours(DARK)} --ground: #0f1318;"
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _colours(scheme: Theme) -> str:
    names = ("paper", "ink", "muted", "grid", "axis")
    listed = [f"--{name}: {getattr(scheme, name)};" for name in names]
    return " ".join([*listed, f"--accent: {scheme.positive};", f"--alert: {scheme.negative};"])


def script_hash(script: str) -> str:
    """Hash by which a content security policy knows a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
