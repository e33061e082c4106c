"""Taniguchi 2025: knowledge distilled from one potential into another.

T. Taniguchi, Faraday Discuss. 256, 139 (2025).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Outcome, Request

__all__ = ["ITEMS", "PRINTED", "PRINTED_CELLS", "fig_7", "table_2"]

#: what is known of the numbers that the paper prints, GPa
PRINTED = {"distilled CHGNet": {"E_RH": 4.01}}
PRINTED_CELLS = {"distilled CHGNet": {"volume, %": 2.03}}
_CELLS = "Cell parameters of organic crystals relaxed by potentials"
_TITLE = "Errors of moduli by CHGNet before and after distillation, against experiment"
_NOTES = (
    "The weights of the distilled CHGNet are not in the public repository takuyhaa/chgnet-KD, and "
    "its teacher PFP is commercial: its row cannot be computed, only set beside one's own. The "
    "row of the CHGNet that comes with its package is computed by --potential chgnet.",
    "Of the printed numbers only E_RH of the distilled CHGNet is known here; the others can be "
    "given as --printed FILE, a CSV quantity,METHOD,...",
    "The convention is that of table 2 of Taniguchi 2024; which compounds the paper compares is "
    "not known here, so that its numbers are over other compounds than the columns beside them.",
)
_OTHER_CRYSTALS = (
    "The paper relaxes 477 crystals of the Crystallography Open Database by a student whose "
    "weights are not public; of its numbers one mean error of the volume is known here.",
)
_OTHER_TEACHER = (
    "The paper's teacher PFP is commercial, and neither its labels nor the frames of MPtrj that it "
    "drew are public: the same question is put to another teacher and other frames.",
    "Which quantities the panels of the paper's figures hold is not known here; ours have energy, "
    "forces and stress.",
)


def table_2(request: Request) -> Outcome:
    """Table 2: mean absolute errors of moduli, with columns of one's own."""
    from cijkl.reproduction.benchmark_run import benchmark_outcome

    return benchmark_outcome(request, "taniguchi-2025-table-2", _TITLE, _NOTES, PRINTED)


def fig_7(request: Request) -> Outcome:
    """Figure 7: lengths, angles, volume, density and packing of relaxed crystals."""
    from cijkl.reproduction.cell_tables import cells_outcome

    found = cells_outcome(request, "taniguchi-2025-fig-7", _CELLS, PRINTED_CELLS)
    return replace(found, notes=(*found.notes, *_OTHER_CRYSTALS))


def _of_sweep(name: str, title: str) -> Callable[[Request], Outcome]:
    def function(request: Request) -> Outcome:
        from cijkl.reproduction.sweep_items import sweep_outcome

        return sweep_outcome(request, f"taniguchi-2025-{name}", title, _OTHER_TEACHER)

    function.__doc__ = f"{title}."
    return function


_SWEPT = {
    "table-1": "Hard and soft labels in different shares: errors on held-out crystals",
    "fig-3": "Learning from soft and hard labels: loss by epoch",
    "fig-4": "Errors against the teacher by the share of hard labels",
    "fig-5": "Errors against DFT by the share of hard labels",
    "fig-6": "Errors by the number of frames learned from",
}
table_1, fig_3, fig_4, fig_5, fig_6 = (_of_sweep(name, _SWEPT[name]) for name in _SWEPT)

_SWEEP = (
    "the folder of a sweep of `cijkl distill` as --results, and its configuration as --data to run "
    "it; the paper's teacher PFP is commercial and its labels are not public, so that its numbers "
    "cannot be repeated"
)
_HERE = "cijkl.reproduction.taniguchi_2025"

ITEMS: tuple[Item, ...] = (
    *(
        Item(
            f"taniguchi-2025-{name}",
            "taniguchi-2025",
            title,
            "needs data",
            _SWEEP if name == "table-1" else "as table 1",
            f"{_HERE}:{name.replace('-', '_')}",
        )
        for name, title in _SWEPT.items()
    ),
    Item(
        "taniguchi-2025-fig-7",
        "taniguchi-2025",
        _CELLS,
        "needs data",
        "--structures of measured crystals with --potential, or --results of `cijkl compute "
        "--json`; the identifiers of the paper's 477 are public (takuyhaa/chgnet-KD), their "
        "structures the user downloads from the Crystallography Open Database; the weights of "
        "its student are not public",
        f"{_HERE}:fig_7",
    ),
    Item(
        "taniguchi-2025-table-2",
        "taniguchi-2025",
        _TITLE,
        "needs data",
        "records of `cijkl compute --json` as --results, or --structures of the compounds with "
        "--potential; the tensors compared with are public and downloaded",
        f"{_HERE}:table_2",
    ),
)
