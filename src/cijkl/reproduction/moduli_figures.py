"""Six models of one modulus as pictures: parity of each, and errors side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.models.evaluation import metrics

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.reproduction.moduli_models import Judged

__all__ = ["error_bars", "figures"]

Array = NDArray[np.float64]


def figures(judged: Judged, target: str) -> Mapping[str, Callable[[], go.Figure]]:
    """Give parity of CGCNN on each part, parity of all models on the test part, and errors."""
    of_parts = {
        f"CGCNN, {part}": (mine, judged.said["CGCNN"]) for part, mine in judged.parts.items()
    }
    test = judged.parts["test"]
    of_models = {f"{label}, test": (test, said) for label, said in judged.said.items()}
    return {
        "parity": lambda: _parity(judged, target, of_parts),
        "models": lambda: _parity(judged, target, of_models),
        "errors": lambda: error_bars(*_heights(judged), ("MAE (GPa)", "R²")),
    }


def error_bars(
    groups: Sequence[str],
    heights: Sequence[Mapping[str, Sequence[float | None]]],
    titles: Sequence[str],
) -> go.Figure:
    """Bars of several series for each group, one panel below the other.

    Parameters
    ----------
    groups
        Names along the axis.
    heights
        Of each panel: by the name of the series one value for each group, None where unknown.
    titles
        Of the axes of the panels.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    from cijkl.plots.style import LINE_COLOURS, template

    figure = make_subplots(rows=len(heights), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for row, (series, title) in enumerate(zip(heights, titles, strict=True), 1):
        for number, (label, values) in enumerate(series.items()):
            figure.add_trace(
                go.Bar(
                    x=list(groups),
                    y=[None if v is None or not np.isfinite(v) else float(v) for v in values],
                    name=label,
                    legendgroup=label,
                    showlegend=row == 1,
                    marker={"color": LINE_COLOURS[number % len(LINE_COLOURS)]},
                    hovertemplate="%{x}: %{y:.3g}<extra>" + label + "</extra>",
                ),
                row=row,
                col=1,
            )
        figure.update_yaxes(title={"text": title, "standoff": 8}, row=row, col=1)
    figure.update_layout(
        template=template(),
        barmode="group",
        bargap=0.25,
        width=760,
        height=80 + 240 * len(heights),
        margin={"l": 8, "r": 16, "t": 48, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0.0},
    )
    return figure


def _parity(
    judged: Judged, target: str, panels: Mapping[str, tuple[NDArray[np.bool_], Array]]
) -> go.Figure:
    """One panel for each model or part, which its note names."""
    from cijkl.plots.parity import Panel, parity_plot

    drawn = []
    for name, (mine, said) in panels.items():
        truth = np.where(mine, judged.truth, np.nan)
        errors = metrics(truth, said)
        note = f"<b>{name}</b><br>MAE {errors['mae']:.3g} GPa"
        if errors["r2"] is not None:
            note += f"<br>R² {errors['r2']:.3f}"
        drawn.append(Panel(target, truth, said, note=note))
    return parity_plot(drawn, judged.systems, judged.ids)


def _heights(judged: Judged) -> tuple[list[str], list[Mapping[str, list[Any]]]]:
    """Models, and MAE and R2 of each on the three parts."""
    found = {
        part: [metrics(judged.truth[mine], said[mine]) for said in judged.said.values()]
        for part, mine in judged.parts.items()
    }
    keys = ("mae", "r2")
    return list(judged.said), [
        {part: [errors[key] for errors in every] for part, every in found.items()} for key in keys
    ]
