"""Figures of a sweep, after figs 4 to 6 of Taniguchi, Faraday Discuss. 256, 139 (2025)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.plots.style import LINE_COLOURS, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["by_share", "by_size", "learning_curves", "sweep_figures"]

_AXES = {
    "energy": "energy (meV/atom)",
    "forces": "forces (eV/Å)",
    "stress": "stress (GPa)",
}


def sweep_figures(rows: Sequence[Mapping[str, Any]], folder: str | Path) -> str:
    """One page with all figures.

    Parameters
    ----------
    rows
        As `cijkl.distillation.sweep` gives them.
    folder
        That of the sweep, with the history of each distillation.
    """
    from cijkl.distillation.sweeps import summary

    means = summary(rows)
    parts = [
        ("Errors on held-out compounds by the share of hard labels", by_share(means)),
        ("Errors on held-out compounds by the number of frames", by_size(means)),
        ("Loss of what is learned and of what judges", learning_curves(rows, folder)),
    ]
    body = ""
    for number, (title, figure) in enumerate(parts):
        plotly: bool = number == 0
        body += f"<h2>{title}</h2>" + figure.to_html(full_html=False, include_plotlyjs=plotly)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Distillation</title>'
        f"<body>{body}</body></html>"
    )


def by_share(
    means: Sequence[Mapping[str, Any]], sources: Sequence[str] = ("hard", "soft")
) -> go.Figure:
    """Errors against the share of hard labels, a line for each number of frames.

    Parameters
    ----------
    means
        As `cijkl.distillation.sweeps.summary` gives them.
    sources
        Whose labels the errors refer to.
    """
    across = ("hard_share", "frames", "share of hard labels", "frames", "linear")
    return _panels(means, *across, sources)


def by_size(means: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Errors against the number of frames, a line for each share of hard labels."""
    across = ("frames", "hard_share", "frames", "hard labels", "log")
    return _panels(means, *across, ("hard", "soft"))


def learning_curves(rows: Sequence[Mapping[str, Any]], folder: str | Path) -> go.Figure:
    """Loss by epoch of the first repeat with the most frames, a colour for each share."""
    import plotly.graph_objects as go

    from cijkl.models.training.epochs import HISTORY
    from cijkl.models.training.history import read_history

    good = [row for row in rows if "error" not in row]
    largest = max((row["frames"] for row in good), default=0)
    first = min((row["seed"] for row in good), default=0)
    chosen = [row for row in good if (row["frames"], row["seed"]) == (largest, first)]
    traces = []
    for number, row in enumerate(chosen):
        history = read_history(Path(folder) / row["run"] / HISTORY)
        colour = LINE_COLOURS[number % len(LINE_COLOURS)]
        for column, dash, words in (("train_loss", "dot", "learned"), ("valid", "solid", "judged")):
            points = [(r["epoch"] + 1, r[column]) for r in history if column in r]
            traces.append(
                go.Scatter(
                    x=[x for x, _ in points],
                    y=[y for _, y in points],
                    mode="lines",
                    name=f"{row['hard_share']:g} hard, {words}",
                    line={"color": colour, "dash": dash},
                )
            )
    return new_figure(*traces, xaxis_title="epoch", yaxis_title="loss", height=420)


def _panels(
    means: Sequence[Mapping[str, Any]],
    across: str,
    apart: str,
    title: str,
    unit: str,
    kind: str,
    sources: Sequence[str],
) -> go.Figure:
    """A panel for each quantity and source."""
    import plotly.graph_objects as go

    keys = [
        (source, name)
        for source in sources
        for name in _AXES
        if any(f"after_test_{source}_{name}" in entry for entry in means)
    ]
    columns = min(3, max(1, len(keys)))
    rows = -(-len(keys) // columns)
    traces: list[Any] = []
    layout: dict[str, Any] = {"height": 60 + 300 * max(rows, 1)}
    for number, (source, name) in enumerate(keys):
        suffix = "" if number == 0 else str(number + 1)
        for line, value in enumerate(sorted({entry[apart] for entry in means})):
            key = f"after_test_{source}_{name}"
            own = [e for e in means if e[apart] == value and key in e]
            own.sort(key=lambda entry: float(entry[across]))
            traces.append(
                go.Scatter(
                    x=[entry[across] for entry in own],
                    y=[entry[key]["mean"] for entry in own],
                    error_y={"array": [entry[key]["std"] or 0.0 for entry in own]},
                    mode="lines+markers",
                    xaxis=f"x{suffix}",
                    yaxis=f"y{suffix}",
                    name=f"{value:g} {unit}",
                    legendgroup=str(value),
                    showlegend=number == 0,
                    line={"color": LINE_COLOURS[line % len(LINE_COLOURS)]},
                )
            )
        row, column = divmod(number, columns)
        width, height = 1.0 / columns, 1.0 / rows
        low, bottom = column * width + 0.06, (rows - 1 - row) * height + 0.12 / rows
        layout[f"xaxis{suffix}"] = {
            "title": {"text": title},
            "type": kind,
            "domain": [low, (column + 1) * width - 0.02],
            "anchor": f"y{suffix}",
        }
        layout[f"yaxis{suffix}"] = {
            "title": {"text": f"{'DFT' if source == 'hard' else 'teacher'}: {_AXES[name]}"},
            "domain": [bottom, (rows - row) * height - 0.03 / rows],
            "anchor": f"x{suffix}",
        }
    return new_figure(*traces, **layout)
