"""Crystal systems: how each is drawn, and how many crystals have which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cijkl.plots.style import LINE_COLOURS, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["SYSTEM_LOOK", "crystal_system_bars"]

#: colour and symbol of each crystal system, told apart without colour too
SYSTEM_LOOK: dict[str, tuple[str, str]] = {
    "cubic": (LINE_COLOURS[0], "circle"),
    "hexagonal": (LINE_COLOURS[1], "hexagon"),
    "trigonal": (LINE_COLOURS[2], "triangle-up"),
    "tetragonal": (LINE_COLOURS[3], "square"),
    "orthorhombic": (LINE_COLOURS[4], "diamond"),
    "monoclinic": ("#6b7785", "cross"),
    "triclinic": ("#7a5ad0", "x"),
}


def crystal_system_bars(counts: Mapping[str, int]) -> go.Figure:
    """Share of each crystal system as a bar, the most symmetric on top (Liu 2025, fig. 4).

    Parameters
    ----------
    counts
        Number of crystals by system; systems that are absent count none.
    """
    import plotly.graph_objects as go

    total = sum(counts.get(system, 0) for system in SYSTEM_LOOK) or 1
    systems = list(SYSTEM_LOOK)
    shares = [100.0 * counts.get(system, 0) / total for system in systems]
    bars = go.Bar(
        x=shares,
        y=systems,
        orientation="h",
        marker={"color": [SYSTEM_LOOK[system][0] for system in systems], "line": {"width": 0}},
        text=[f"{share:.1f} %" for share in shares],
        textposition="outside",
        cliponaxis=False,
        customdata=[counts.get(system, 0) for system in systems],
        hovertemplate="%{y}: %{customdata} crystals, %{x:.1f} %<extra></extra>",
    )
    return new_figure(
        bars,
        xaxis={"title": {"text": "share of crystals (%)"}, "range": [0, 1.18 * max([*shares, 1])]},
        yaxis={"autorange": "reversed", "showgrid": False},
        bargap=0.28,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        height=340,
    )
