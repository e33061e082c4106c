"""The six Kelvin moduli as bars: mechanical stability at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cijkl.plots.style import MAX_COLOUR, NEGATIVE_COLOUR, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["eigenvalue_bars"]


def eigenvalue_bars(eigenvalues: ArrayLike) -> go.Figure:
    """Bars of the eigenvalues of the Mandel stiffness; a hatched one is a mode of collapse.

    Parameters
    ----------
    eigenvalues
        (6,), GPa, ascending.
    """
    import plotly.graph_objects as go

    values = np.asarray(eigenvalues, float)
    unstable = values <= 0.0
    bars = go.Bar(
        x=values.round(4).tolist(),
        y=[f"λ<sub>{i}</sub>" for i in range(1, values.size + 1)],
        orientation="h",
        text=[f"{v:.3g}".replace("-", "−") if abs(v) < 1000 else f"{v:.0f}" for v in values],
        textposition="outside",
        cliponaxis=False,
        marker={
            "color": [NEGATIVE_COLOUR if u else MAX_COLOUR for u in unstable],
            "pattern": {"shape": ["/" if u else "" for u in unstable], "solidity": 0.4},
        },
        hovertemplate="%{y} = %{x:.4g} GPa<extra></extra>",
    )
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    spread = high - low or 1.0
    return new_figure(
        bars,
        bargap=0.35,
        xaxis={
            "title": {"text": "eigenvalue of C (Mandel form, GPa)"},
            "range": [low - (0.15 * spread if low < 0 else 0.0), high + 0.15 * spread],
            "zeroline": True,
            "fixedrange": True,
        },
        yaxis={"autorange": "reversed", "fixedrange": True, "ticks": "", "showgrid": False},
    )
