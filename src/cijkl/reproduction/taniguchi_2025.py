"""Taniguchi 2025: knowledge distilled from one potential into another.

T. Taniguchi, Faraday Discuss. 256, 139 (2025).
"""

from __future__ import annotations

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Outcome, Request

__all__ = ["ITEMS", "PRINTED", "table_2"]

#: what is known of the numbers that the paper prints, GPa
PRINTED = {"distilled CHGNet": {"E_RH": 4.01}}
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


def table_2(request: Request) -> Outcome:
    """Table 2: mean absolute errors of moduli, with columns of one's own."""
    from cijkl.reproduction.benchmark_run import benchmark_outcome

    return benchmark_outcome(request, "taniguchi-2025-table-2", _TITLE, _NOTES, PRINTED)


_SWEEP = "needs a teacher and the sweep of `cijkl distill`; PFP, the paper's, is commercial"

ITEMS: tuple[Item, ...] = (
    Item(
        "taniguchi-2025-table-1",
        "taniguchi-2025",
        "Hard and soft targets in different shares",
        "not yet",
        _SWEEP,
    ),
    Item(
        "taniguchi-2025-table-2",
        "taniguchi-2025",
        _TITLE,
        "needs data",
        "records of `cijkl compute --json` as --results, or --structures of the compounds with "
        "--potential; the tensors compared with are public and downloaded",
        "cijkl.reproduction.taniguchi_2025:table_2",
    ),
    *(
        Item(f"taniguchi-2025-fig-{number}", "taniguchi-2025", title, "not yet", remark)
        for number, title, remark in (
            (3, "Learning from soft and hard targets", _SWEEP),
            (4, "Sweep over the shares of hard and soft targets", _SWEEP),
            (5, "Sweep over the shares of hard and soft targets", _SWEEP),
            (6, "Sweep over the number of crystals learned from", _SWEEP),
            (
                7,
                "Cell parameters of organic crystals relaxed by the student",
                "the identifiers of the crystals are public, the structures are downloaded from "
                "the Crystallography Open Database by the user",
            ),
        )
    ),
)
