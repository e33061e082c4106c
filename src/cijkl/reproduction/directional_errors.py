"""How far predicted Young's moduli are off on the whole: figure 4 of Wen 2024."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.directional import youngs_modulus, youngs_modulus_difference
from cijkl.elasticity.quadrature import sphere_average, sphere_quadrature
from cijkl.models.evaluation import SYSTEMS
from cijkl.reproduction.outcome import Cell, Outcome, Request, Table
from cijkl.reproduction.tensor_models import Known, Said, known, stable
from cijkl.reproduction.tensor_tables import all_said, notes

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["directional_outcome", "unsigned_difference"]

Array = NDArray[np.float64]

_DEFINITION = (
    "D = <E(n) - E_DFT(n)> / <E_DFT(n)> over all directions n: positive where a model is too stiff "
    "on the whole. This definition is cijkl's; the paper's formula (section 2.4) is not at hand. "
    "Unsigned is the mean of the absolute difference of each direction, so that none cancel."
)
#: D that is called small
_NEAR = 0.1
#: bars of the histogram
_BINS = 40


def directional_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give the distribution of D for each model of tensors, by crystal system."""
    found = known(request, name)
    every = [said for said in all_said(request, found, ("MatTen",)) if _fair(said).any()]
    tables = [_table(found, said) for said in every]
    figures = {"difference": lambda: _histograms(found, every)}
    remarks = [*notes(request, found, every), _DEFINITION]
    return Outcome(name, title, tuple(tables), tuple(remarks), figures)


def unsigned_difference(stiffness: Array, reference: Array, degree: int = 35) -> Array:
    """Mean absolute difference of E(n) over all directions, over the mean E of the reference.

    Parameters
    ----------
    stiffness, reference
        (..., 6, 6), Voigt, GPa, in one frame.
    degree
        Of the sphere quadrature.

    Returns
    -------
    (...), without unit; never below the absolute value of `youngs_modulus_difference`.
    """
    directions, weights = sphere_quadrature(degree)
    known_youngs = youngs_modulus(reference, directions)
    apart = np.abs(youngs_modulus(stiffness, directions) - known_youngs)
    return np.asarray(sphere_average(apart, weights) / sphere_average(known_youngs, weights))


def _fair(said: Said) -> NDArray[np.bool_]:
    """Crystals with a stable prediction among those that a model is judged by."""
    return said.unseen & stable(said.stiffness)


def _table(found: Known, said: Said) -> Table:
    fair = _fair(said)
    systems = np.array(found.systems)
    rows: list[tuple[Cell, ...]] = []
    for system in ("all", *SYSTEMS):
        mine = fair if system == "all" else fair & (systems == system)
        if not mine.any():
            continue
        signed = youngs_modulus_difference(said.stiffness[mine], found.stiffness[mine])
        unsigned = unsigned_difference(said.stiffness[mine], found.stiffness[mine])
        rows.append(
            (
                *(system, int(mine.sum()), float(signed.mean()), float(np.median(signed))),
                *(float(signed.std()), float(np.abs(signed).mean())),
                *(100.0 * float((np.abs(signed) < _NEAR).mean()), float(unsigned.mean())),
            )
        )
    columns = ("system", "crystals", "mean", "median", "spread", "mean |D|",
               f"|D| < {_NEAR}, %", "unsigned")  # fmt: skip
    return Table(f"{said.label}: D", columns, tuple(rows), 3)


def _histograms(found: Known, every: Sequence[Said]) -> go.Figure:
    """One panel for each model, colours by crystal system."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    from cijkl.plots.style import LIGHT, template
    from cijkl.plots.systems import SYSTEM_LOOK

    figure = make_subplots(
        rows=len(every) or 1, cols=1, shared_xaxes=True, vertical_spacing=0.12,
        subplot_titles=[said.label for said in every],
    )  # fmt: skip
    values = [
        youngs_modulus_difference(said.stiffness[fair], found.stiffness[fair])
        for said in every
        for fair in [_fair(said)]
    ]
    largest = max((float(np.abs(each).max()) for each in values), default=1.0)
    edges = np.linspace(-largest, largest, _BINS + 1)
    systems = np.array(found.systems)
    named: set[str] = set()
    for row, (said, each) in enumerate(zip(every, values, strict=True), 1):
        mine = systems[_fair(said)]
        for system, (colour, _) in SYSTEM_LOOK.items():
            counts, _ = np.histogram(each[mine == system], edges)
            if not counts.any():
                continue
            figure.add_trace(
                go.Bar(
                    x=0.5 * (edges[1:] + edges[:-1]),
                    y=counts,
                    width=np.diff(edges),
                    name=system,
                    legendgroup=system,
                    showlegend=system not in named,
                    marker={"color": colour, "line": {"width": 0}},
                    hovertemplate="D about %{x:.2f}: %{y}<extra>" + system + "</extra>",
                ),
                row=row,
                col=1,
            )
            named.add(system)
        figure.add_vline(x=0.0, line={"color": LIGHT.axis, "width": 1.5}, row=row, col=1)
        figure.update_yaxes(title={"text": "crystals"}, row=row, col=1)
    figure.update_xaxes(title={"text": "D"}, row=len(every) or 1, col=1)
    figure.update_layout(
        template=template(),
        barmode="stack",
        bargap=0,
        width=800,
        height=80 + 240 * (len(every) or 1),
        margin={"l": 8, "r": 16, "t": 40, "b": 8},
    )
    return figure
