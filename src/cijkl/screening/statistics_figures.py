"""All figures of the overview of a screening, as the JSON that the page holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.screening.statistics import Extreme, element_counts, system_counts

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["overview_figures"]

#: most points of a map; of more crystals a sample is drawn
MOST_POINTS = 100_000
#: names of the properties whose extremes are named
WORDS = {"E_max": "largest Young’s modulus E<sub>max</sub>",
         "E_rh": "mean Young’s modulus E<sub>RH</sub>"}  # fmt: skip


def overview_figures(
    columns: Mapping[str, Any],
    named: Mapping[str, Sequence[Extreme]],
    structures: Mapping[int, Atoms],
) -> dict[str, Any]:
    """Name to ``{"data": [...], "layout": {...}}``.

    Parameters
    ----------
    columns
        As `cijkl.screening.statistics.load_columns` gives them.
    named
        Crystals to be named in the histograms, by column.
    structures
        Atoms of these.
    """
    from cijkl import plots

    stable = np.flatnonzero(np.asarray(columns["stable"], bool))
    elements = element_counts(columns["formula"])
    chosen = _sample(stable)
    points = (
        np.asarray(columns["K_hill"], float)[chosen],
        np.asarray(columns["G_hill"], float)[chosen],
        [columns["crystal_system"][i] or "" for i in chosen],
        [f"{columns['formula'][i]} · {columns['id'][i]}" for i in chosen],
        chosen,
    )
    made = {
        "systems": plots.crystal_system_bars(system_counts(columns["crystal_system"])),
        "sizes": plots.cell_size_histogram(columns["natoms"]),
        "elements": plots.periodic_table(elements),
        "frequencies": plots.element_bars(elements, len(columns["formula"])),
        "map": plots.moduli_map(*points),
        "panels": plots.moduli_panels(*points),
    }
    for name, found in named.items():
        made[f"histogram-{name}"] = plots.property_histogram(
            np.asarray(columns[name], float)[stable],
            WORDS.get(name, name),
            marked=[(e.value, str(columns["formula"][e.index]), e.largest) for e in found],
        )
    for index, atoms in structures.items():
        made[f"surface-{index}"] = plots.property_surface(columns["C"][index], "E", 41, 81)
        made[f"structure-{index}"] = plots.structure_view(atoms, max_spheres=120)
    return {name: _as_json(figure) for name, figure in made.items()}


def _sample(indices: np.ndarray) -> list[int]:
    if len(indices) > MOST_POINTS:
        chosen = np.random.default_rng(0).choice(indices, MOST_POINTS, replace=False)
        indices = np.sort(chosen)
    return [int(index) for index in indices]


def _as_json(figure: Any) -> dict[str, Any]:
    """Figure without its template, which the page holds once for all figures."""
    figure.layout.template = None
    text: dict[str, Any] = json.loads(figure.to_json())
    return {"data": text["data"], "layout": text["layout"]}
