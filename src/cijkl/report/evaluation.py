"""An evaluation for people: tables on the terminal, and the parity plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.models.evaluation import Comparison

__all__ = ["parity_figure", "print_evaluation"]

#: key of the errors, and its name and unit
_ROWS = (
    ("K", "K", "GPa"),
    ("G", "G", "GPa"),
    ("E", "E", "GPa"),
    ("log10_K", "log10 K", ""),
    ("log10_G", "log10 G", ""),
)
_TENSOR_ROWS = (
    ("C", "21 constants", "GPa"),
    ("E_max", "E max", "GPa"),
    ("ln_E_max", "ln E max", ""),
)
_UPPER = np.triu_indices(6)


def print_evaluation(found: Mapping[str, Any]) -> None:
    """Print what `cijkl.models.evaluation.summary` gives."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    whole = found["errors"]["all"]
    console.print(_errors_table(whole))
    if len(found["errors"]) > 1:
        console.print(_systems_table(found["errors"]))
    remarks = [f"{found['crystals']} crystals"]
    if found["missing"]:
        remarks.append(f"{found['missing']} without a prediction")
    remarks.append(f"{found['unstable']} predicted tensors unstable")
    if "coverage" in whole:
        level = f"{whole['coverage']['level']:.0%}"
        remarks += [
            f"{whole['coverage'][letter]:.1%} of {letter} in their {level} range"
            for letter in "KG"
            if whole["coverage"].get(letter) is not None
        ]
    console.print(Text("; ".join(remarks)), soft_wrap=True)


def parity_figure(comparison: Comparison) -> go.Figure:
    """K, G, E, and where tensors are known the 21 constants, predicted against known."""
    from cijkl.models.evaluation import metrics
    from cijkl.plots.parity import Panel, parity_plot

    panels = []
    for name in ("K", "G", "E"):
        truth, prediction = comparison.truth[name], comparison.prediction[name]
        errors = metrics(truth, prediction)
        if errors["count"]:
            panels.append(Panel(name, truth, prediction, note=_note(errors)))
    known, said = (c[:, *_UPPER] for c in (comparison.stiffness, comparison.predicted_stiffness))
    errors = metrics(known.ravel(), said.ravel())
    if errors["count"]:
        panels.append(Panel("C<sub>ij</sub>", known, said, False, _note(errors)))
    return parity_plot(panels, comparison.systems, comparison.ids)


def _note(errors: Mapping[str, float | None]) -> str:
    text = f"MAE {errors['mae']:.3g} GPa"
    return text if errors["r2"] is None else f"{text}<br>R² {errors['r2']:.3f}"


def _errors_table(errors: Mapping[str, Any]) -> Any:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for name in ("crystals", "MAE", "RMSE", "R²", "MAE/MAD", "median rel. error"):
        table.add_column(name, justify="right")
    rows = [(errors[key], name, unit) for key, name, unit in _ROWS]
    rows += [
        (errors["tensor"][key], name, unit)
        for key, name, unit in _TENSOR_ROWS
        if "tensor" in errors
    ]
    for values, name, unit in rows:
        if not values["count"]:
            continue
        count = values["count"] // 21 if name == "21 constants" else values["count"]
        relative = values["median_relative_error"]
        table.add_row(
            f"{name} ({unit})" if unit else name,
            str(count),
            *(_number(values[key]) for key in ("mae", "rmse", "r2", "mae_over_mad")),
            "" if relative is None else f"{relative:.1%}",
        )
    return table


def _systems_table(systems: Mapping[str, Any]) -> Any:
    from rich.table import Table

    tensors = any("tensor" in errors for errors in systems.values())
    table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
    table.add_column("MAE (GPa)")
    for name in ("crystals", "K", "G", "E", *(["tensors", "C", "E max"] if tensors else [])):
        table.add_column(name, justify="right")
    for name, errors in systems.items():
        cells = [_number(errors[key]["mae"]) for key in ("K", "G", "E")]
        if "tensor" in errors:
            tensor = errors["tensor"]
            cells += [str(tensor["count"]), *(_number(tensor[k]["mae"]) for k in ("C", "E_max"))]
        elif tensors:
            cells += ["", "", ""]
        crystals = max(errors[key]["count"] for key in ("K", "G"))
        table.add_row(name, str(crystals), *cells)
    return table


def _number(value: float | None) -> str:
    """Three digits or so, without a power of ten."""
    if value is None:
        return ""
    decimals = 1 if abs(value) >= 100.0 else 2 if abs(value) >= 10.0 else 3
    return f"{value:.{decimals}f}" if abs(value) >= 0.1 else f"{value:.4f}"
