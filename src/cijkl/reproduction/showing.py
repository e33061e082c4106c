"""A reproduction for people: on the terminal, and as a page that needs no network."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Cell, Outcome, Table
from cijkl.reproduction.registry import PAPERS

__all__ = ["html_page", "print_items", "print_outcome"]


def print_items(items: Iterable[Item]) -> None:
    """Print tables and figures by paper, each with its status and what it needs."""
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    console = Console()
    by_paper: dict[str, list[Item]] = {}
    for item in items:
        by_paper.setdefault(item.paper, []).append(item)
    for paper, mine in by_paper.items():
        console.print(Text(PAPERS[paper], "bold"), soft_wrap=True)
        grid = Grid.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column()
        for item in mine:
            text = f"{item.title}: {item.remark}" if item.remark else item.title
            grid.add_row(f"  {item.name}", item.status, Text(text))
        console.print(grid)


def print_outcome(outcome: Outcome) -> None:
    """Print the tables of an outcome and its notes."""
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    console = Console()
    console.print(Text(outcome.title, "bold"), soft_wrap=True)
    for table in outcome.tables:
        console.print()
        console.print(Text(table.title), soft_wrap=True)
        grid = Grid(box=None, header_style="bold", pad_edge=False)
        for name, right in zip(table.columns, _numeric(table), strict=True):
            grid.add_column(name, justify="right" if right else "left")
        for row in table.rows:
            grid.add_row(*(Text(_text(cell, table.decimals)) for cell in row))
        console.print(grid)
    if outcome.notes:
        console.print()
    for note in outcome.notes:
        console.print(Text(note), soft_wrap=True)


def html_page(outcome: Outcome) -> str:
    """Page of an outcome: tables, notes and figures; some 5 MB, most of it plotly.js."""
    from cijkl.plots.style import FONT, LIGHT

    parts = [f"<h1>{escape(outcome.title)}</h1>"]
    plotly: bool = True
    for name, draw in outcome.figures.items():
        picture = draw().to_html(full_html=False, include_plotlyjs=plotly, div_id=f"figure-{name}")
        parts.append(f"<figure>{picture}</figure>")
        plotly = False
    parts += [_html_table(table) for table in outcome.tables]
    parts += [f"<p>{escape(note)}</p>" for note in outcome.notes]
    style = (
        f"body{{font:15px/1.5 {FONT};color:{LIGHT.ink};background:{LIGHT.paper};"
        "max-width:72rem;margin:2rem auto;padding:0 1rem}"
        "h1{font-size:1.4rem}table{border-collapse:collapse;margin:1.5rem 0}"
        "caption{text-align:left;font-weight:600;padding:.3rem 0}"
        f"td,th{{padding:.2rem .7rem;border-bottom:1px solid {LIGHT.grid};text-align:left}}"
        "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
        "figure{margin:1.5rem 0;overflow-x:auto}div.wide{overflow-x:auto}"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(outcome.name)}</title><style>{style}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _html_table(table: Table) -> str:
    numeric = _numeric(table)

    def line(cells: Iterable[str], tag: str) -> str:
        marked = zip(cells, numeric, strict=True)
        return "".join(
            f'<{tag} class="n">{escape(cell)}</{tag}>'
            if right
            else f"<{tag}>{escape(cell)}</{tag}>"
            for cell, right in marked
        )

    body = "\n".join(
        f"<tr>{line((_text(cell, table.decimals) for cell in row), 'td')}</tr>"
        for row in table.rows
    )
    return (
        f'<div class="wide"><table><caption>{escape(table.title)}</caption>\n'
        f"<thead><tr>{line(table.columns, 'th')}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


def _numeric(table: Table) -> list[bool]:
    """Which columns hold numbers."""
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    return [
        any(isinstance(cell, (int, float)) for cell in column)
        and not any(isinstance(cell, str) for cell in column)
        for column in columns
    ]


def _text(cell: Cell, decimals: int) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    return f"{cell:.{decimals}f}" if isinstance(cell, float) else str(cell)
