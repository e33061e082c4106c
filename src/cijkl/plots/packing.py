"""Young's modulus along the axes of a molecular crystal, beside what runs along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cijkl.plots.style import LINE_COLOURS, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["packing_bars"]

_CONTACTS = (
    ("hydrogen_bonds", "hydrogen bonds", LINE_COLOURS[2]),
    ("stacks", "stacked rings", LINE_COLOURS[3]),
)
#: share of contacts that run every way, %
_ANYWHERE = 100.0 / 3.0


def packing_bars(axes: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Bars of E along lattice directions, and of the share of contacts along each.

    Parameters
    ----------
    axes
        As in a record's ``packing["axes"]``: ``uvw``, ``E`` (GPa), and the shares
        ``hydrogen_bonds`` and ``stacks``, which are None where there are none.
    """
    import plotly.graph_objects as go

    names = ["[" + " ".join(f"{i}".replace("-", "−") for i in axis["uvw"]) + "]" for axis in axes]
    moduli = [float(axis["E"]) for axis in axes]
    bars: list[Any] = [
        go.Bar(
            x=moduli,
            y=names,
            orientation="h",
            marker={"color": LINE_COLOURS[0]},
            text=[f"{value:.3g}" for value in moduli],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="E along %{y}: %{x:.3g} GPa<extra></extra>",
            showlegend=False,
        )
    ]
    shown = [entry for entry in _CONTACTS if axes[0].get(entry[0]) is not None]
    for key, name, colour in shown:
        shares = [100.0 * float(axis[key]) for axis in axes]
        bars.append(
            go.Bar(
                x=shares,
                y=names,
                xaxis="x2",
                orientation="h",
                name=name,
                marker={"color": colour},
                text=[f"{share:.0f} %" for share in shares],
                textposition="outside",
                cliponaxis=False,
                hovertemplate=f"{name} along %{{y}}: %{{x:.0f}} %<extra></extra>",
            )
        )
    layout: dict[str, Any] = {
        "xaxis": {
            "title": {"text": "Young’s modulus (GPa)"},
            "range": [0.0, 1.18 * max(moduli)],
            "domain": [0.0, 0.46 if shown else 1.0],
            "fixedrange": True,
        },
        "yaxis": {"autorange": "reversed", "fixedrange": True, "ticks": "", "showgrid": False},
        "bargap": 0.3,
        "margin": {"l": 8, "r": 34, "t": 30, "b": 8},
        "showlegend": bool(shown),
        "legend": {"orientation": "h", "x": 1.0, "xanchor": "right", "y": 1.16},
    }
    if shown:
        layout["xaxis2"] = {
            "title": {"text": "share along the axis (%)"},
            "range": [0.0, 112.0],
            "tickvals": [0, 25, 50, 75, 100],
            "domain": [0.54, 1.0],
            "fixedrange": True,
            "anchor": "y",
        }
        line = {"width": 1, "dash": "dot"}
        layout["shapes"] = [
            {"type": "line", "xref": "x2", "yref": "y domain", "x0": _ANYWHERE, "x1": _ANYWHERE,
             "y0": 0, "y1": 1, "line": line}
        ]  # fmt: skip
    return new_figure(*bars, **layout)
