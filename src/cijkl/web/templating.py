"""Pages from templates: this room's own, and the report's, which one of them extends."""

from __future__ import annotations

from functools import cache
from typing import Any

from cijkl.report.assets import asset

__all__ = ["PAGES", "render"]

#: address and name of each page; the explorer needs a store
PAGES = (
    ("/", "Home"),
    ("/explorer", "Explorer"),
    ("/compare", "Compare"),
    ("/jobs", "Jobs"),
    ("/api", "API"),
)


def render(name: str, **values: Any) -> str:
    """A page; everything put into it is escaped."""
    from cijkl import __version__

    text: str = (
        _environment().get_template(name).render(pages=PAGES, package_version=__version__, **values)
    )
    return text


@cache
def _environment() -> Any:
    from jinja2 import ChoiceLoader, Environment, FunctionLoader, PackageLoader

    def report(name: str) -> str | None:
        return asset("page.html.j2") if name == "report/page.html.j2" else None

    return Environment(
        loader=ChoiceLoader([PackageLoader("cijkl.web"), FunctionLoader(report)]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
