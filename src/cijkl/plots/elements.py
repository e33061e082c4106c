"""How many crystals contain which element: on the periodic table, and as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cijkl.plots.style import LINE_COLOURS, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["TABLE", "element_bars", "periodic_table"]

#: rows of the periodic table, of 18 columns; lanthanides and actinides below, after a gap
_ROWS = """
H . . . . . . . . . . . . . . . . He
Li Be . . . . . . . . . . B C N O F Ne
Na Mg . . . . . . . . . . Al Si P S Cl Ar
K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
Cs Ba . Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
Fr Ra . Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
. . . . . . . . . . . . . . . . . .
. . La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu .
. . Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr .
"""
#: symbols by row and column; None where there is no element
TABLE: tuple[tuple[str | None, ...], ...] = tuple(
    tuple(None if symbol == "." else symbol for symbol in row.split())
    for row in _ROWS.strip().splitlines()
)

#: colours of few and of many crystals, on both of which the ink has a contrast above 5.5 : 1
_FEW, _MANY, _INK = "#e6effa", "#4a9be8", "#10202f"


def periodic_table(counts: Mapping[str, int]) -> go.Figure:
    """Periodic table coloured by the number of crystals that contain an element (Liu 2025, fig. 5).

    Parameters
    ----------
    counts
        Number of crystals by element symbol. Colour is logarithmic.
    """
    import numpy as np
    import plotly.graph_objects as go

    present = [[counts.get(symbol or "", 0) for symbol in row] for row in TABLE]
    values = np.array(present, float)
    logs = np.full(values.shape, np.nan)
    logs[values > 0] = np.log10(values[values > 0])
    top = float(np.nanmax(logs)) if np.isfinite(logs).any() else 1.0
    ticks = list(range(int(top) + 1))
    text = [
        [f"<b>{symbol}</b><br>{count}" if symbol and count else "" for symbol, count in
         zip(row, line, strict=True)]
        for row, line in zip(TABLE, present, strict=True)
    ]  # fmt: skip
    cells = go.Heatmap(
        z=logs,
        text=text,
        texttemplate="%{text}",
        textfont={"size": 11, "color": _INK},
        colorscale=[[0.0, _FEW], [1.0, _MANY]],
        zmin=0.0,
        zmax=max(top, 0.1),
        xgap=2,
        ygap=2,
        customdata=[[[symbol or "", count] for symbol, count in zip(row, line, strict=True)]
                    for row, line in zip(TABLE, present, strict=True)],
        hovertemplate="%{customdata[0]}: %{customdata[1]} crystals<extra></extra>",
        hoverongaps=False,
        colorbar={"title": {"text": "crystals"}, "tickvals": ticks,
                  "ticktext": [f"{10**tick:,}".replace(",", " ") for tick in ticks],
                  "outlinewidth": 0, "thickness": 12, "len": 0.8},
    )  # fmt: skip
    absent = [
        (column, row, symbol)
        for row, symbols in enumerate(TABLE)
        for column, symbol in enumerate(symbols)
        if symbol and not counts.get(symbol, 0)
    ]
    names = go.Scatter(
        x=[column for column, _, _ in absent],
        y=[row for _, row, _ in absent],
        text=[symbol for _, _, symbol in absent],
        mode="text",
        textfont={"size": 11},
        opacity=0.45,
        hovertemplate="%{text}: none<extra></extra>",
        showlegend=False,
    )
    hidden: dict[str, Any] = {"visible": False}
    return new_figure(
        cells,
        names,
        xaxis=hidden | {"range": [-0.5, 17.5]},
        yaxis=hidden | {"range": [9.5, -0.5]},
        height=460,
    )


def element_bars(counts: Mapping[str, int], total: int, most: int = 30) -> go.Figure:
    """Share of crystals that contain each of the most frequent elements (Liu 2025, fig. 5).

    Parameters
    ----------
    counts
        Number of crystals by element symbol.
    total
        Number of crystals.
    most
        How many elements are shown.
    """
    import plotly.graph_objects as go

    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    bars = go.Bar(
        x=[symbol for symbol, _ in first],
        y=[100.0 * count / max(total, 1) for _, count in first],
        marker={"color": LINE_COLOURS[0], "line": {"width": 0}},
        customdata=[count for _, count in first],
        hovertemplate="%{x}: %{customdata} crystals, %{y:.1f} %<extra></extra>",
    )
    return new_figure(
        bars,
        xaxis={"tickangle": 0, "showgrid": False},
        yaxis={"title": {"text": "share of crystals (%)"}},
        bargap=0.25,
        height=320,
    )
