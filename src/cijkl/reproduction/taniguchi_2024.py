"""Taniguchi 2024: moduli of molecular crystals by a neural network potential.

T. Taniguchi, CrystEngComm 26, 631 (2024).
"""

from __future__ import annotations

from dataclasses import replace

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Outcome, Request

__all__ = ["CONVENTION", "ITEMS", "PRINTED_VOLUMES", "fig_3", "fig_6", "table_1", "table_2"]

#: how the numbers of table 2 come about
CONVENTION = (
    "As printed: moduli, not tensors, are averaged over the measurements of a compound; E_H = "
    "(E_V + E_R)/2, E_RH = (E_R + E_H)/2; nu from K_H and G_H; A is A^L.",
    "As printed: DFT-D counts each calculation as a point. The notebook in the public repository "
    "would take the first calculation of a compound for each of them: see the other readings.",
    "The mean model of the paper does not come out of the published tensors; three ways in which "
    "it may be meant are among the other readings.",
)
_NO_PRINTED = (
    "The numbers that the paper prints are not part of cijkl; with --printed FILE, a CSV "
    "quantity,METHOD,..., they are set beside ours with the difference."
)
_OTHER_CRYSTALS = (
    "Two mean errors of the paper are known here, not the crystals over which it takes them, so "
    "that no difference is shown: name a column CHGNet (--results CHGNet=FILE) to have one.",
    "PFP is commercial: its column cannot be computed, only set beside one's own.",
)
_NO_FACES = (
    "The values that the paper measures and computes are in no public file; PFP, its potential, "
    "is commercial."
)
_TITLE = "Errors of moduli by the mean model, S-HF-3c, DFT-D and PFP against experiment"
#: mean absolute errors of cell volumes, %; PFP was run with D3, CHGNet without
PRINTED_VOLUMES = {"CHGNet": {"volume, %": 25.2}, "PFP": {"volume, %": 4.3}}
_VOLUMES = "Cell volumes relaxed by potentials against experiment"
_FACES = "Young's modulus along face normals against nanoindentation"
_SCREENING = "Moduli of 5,000 crystals of the Cambridge database by PFP"


def table_1(request: Request) -> Outcome:
    """Table 1: cell volumes relaxed by potentials."""
    from cijkl.reproduction.cell_tables import volumes_outcome

    found = volumes_outcome(request, "taniguchi-2024-table-1", _VOLUMES, PRINTED_VOLUMES)
    return replace(found, notes=(*found.notes, *_OTHER_CRYSTALS))


def fig_3(request: Request) -> Outcome:
    """Figure 3: Young's moduli along the normals of faces that were indented."""
    from cijkl.reproduction.measured_faces import faces_outcome

    found = faces_outcome(request, "taniguchi-2024-fig-3", _FACES)
    return replace(found, notes=(*found.notes, _NO_FACES))


def table_2(request: Request) -> Outcome:
    """Table 2: mean absolute errors of 14 quantities, as printed and corrected."""
    from cijkl.reproduction.benchmark_run import benchmark_outcome

    notes = CONVENTION if request.printed is not None else (*CONVENTION, _NO_PRINTED)
    return benchmark_outcome(request, "taniguchi-2024-table-2", _TITLE, notes)


def fig_6(request: Request) -> Outcome:
    """Figure 6: how the moduli of 5,000 crystals are distributed, and which are extreme."""
    from cijkl.reproduction.published_screening import screening_outcome

    return screening_outcome(request, "taniguchi-2024-fig-6", _SCREENING)


_HERE = "cijkl.reproduction.taniguchi_2024"

ITEMS: tuple[Item, ...] = (
    Item(
        "taniguchi-2024-table-1",
        "taniguchi-2024",
        _VOLUMES,
        "needs data",
        "--structures of measured crystals with --potential, or --results of `cijkl compute "
        "--json`; most of the paper's are from the Cambridge database, and PFP is commercial",
        f"{_HERE}:table_1",
    ),
    Item(
        "taniguchi-2024-table-2",
        "taniguchi-2024",
        _TITLE,
        "done",
        "data are public and downloaded; columns of one's own need --structures or --results",
        f"{_HERE}:table_2",
    ),
    Item(
        "taniguchi-2024-fig-1",
        "taniguchi-2024",
        "Computed against measured moduli",
        "done",
        "the figure parity of table 2",
        f"{_HERE}:table_2",
    ),
    Item(
        "taniguchi-2024-fig-2",
        "taniguchi-2024",
        "Errors of moduli against measured ones",
        "done",
        "the figures errors and bias of table 2",
        f"{_HERE}:table_2",
    ),
    Item(
        "taniguchi-2024-fig-3",
        "taniguchi-2024",
        _FACES,
        "needs data",
        "measured faces as --data FILE, a CSV with the columns compound, cif, face, E, and "
        "--potential, --model or --results; the paper's values are in no public file",
        f"{_HERE}:fig_3",
    ),
    Item(
        "taniguchi-2024-fig-6",
        "taniguchi-2024",
        _SCREENING,
        "done",
        "from the published tensors of PFP, which are downloaded",
        f"{_HERE}:fig_6",
    ),
)
