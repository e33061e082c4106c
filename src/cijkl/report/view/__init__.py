"""What the page says, as plain text and tables, before any markup."""

from cijkl.report.view.directions import direction_rows, extremes_rows, figure_caption, legend
from cijkl.report.view.head import Tile, reason, subtitle, tiles
from cijkl.report.view.origin import origin_rows, process_rows
from cijkl.report.view.polycrystal import (
    acoustics_rows,
    anisotropy_rows,
    engineering_rows,
    moduli_rows,
)
from cijkl.report.view.tensor import criteria_rows, deviation_note, tensor_caption, tensor_rows

__all__ = [
    "Tile",
    "acoustics_rows",
    "anisotropy_rows",
    "criteria_rows",
    "deviation_note",
    "direction_rows",
    "engineering_rows",
    "extremes_rows",
    "figure_caption",
    "legend",
    "moduli_rows",
    "origin_rows",
    "process_rows",
    "reason",
    "subtitle",
    "tensor_caption",
    "tensor_rows",
    "tiles",
]
