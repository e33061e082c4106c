"""Liu 2025: bulk and shear moduli by crystal graph networks, and what follows from them.

Y. Liu et al., Acta Phys. Sin. 74, 120702 (2025); arXiv:2511.04468.
"""

from __future__ import annotations

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Outcome, Request

__all__ = ["ITEMS", "fig_2", "fig_3", "fig_4", "fig_5", "fig_6", "fig_7", "table_a1", "table_a2"]

_SHEAR = "Shear moduli by CGCNN and by five models without a graph"
_BULK = "Bulk moduli by CGCNN and by five models without a graph"
_SCREENED = {
    4: "Crystal systems and atoms in the cell of the screened set",
    5: "Elements of the screened set",
    6: "K against G with Pugh's ratio",
    7: "K against G by crystal system",
}
_TITLE = "Sound velocities, Poisson's ratio and Debye temperature of screened crystals"


def fig_2(request: Request) -> Outcome:
    """Figure 2: errors of the shear modulus by six models, and CGCNN's parity."""
    from cijkl.reproduction.moduli_models import moduli_outcome

    return moduli_outcome(request, "liu-2025-fig-2", _SHEAR, "G")


def fig_3(request: Request) -> Outcome:
    """Figure 3: the same of the bulk modulus."""
    from cijkl.reproduction.moduli_models import moduli_outcome

    return moduli_outcome(request, "liu-2025-fig-3", _BULK, "K")


def fig_4(request: Request) -> Outcome:
    """Figure 4: shares of the crystal systems, and sizes of the cells."""
    from cijkl.reproduction.screened_set import systems_outcome

    return systems_outcome(request, "liu-2025-fig-4", _SCREENED[4])


def fig_5(request: Request) -> Outcome:
    """Figure 5: how many crystals contain which element."""
    from cijkl.reproduction.screened_set import elements_outcome

    return elements_outcome(request, "liu-2025-fig-5", _SCREENED[5])


def fig_6(request: Request) -> Outcome:
    """Figure 6: K and G of all crystals."""
    from cijkl.reproduction.screened_set import map_outcome

    return map_outcome(request, "liu-2025-fig-6", _SCREENED[6])


def fig_7(request: Request) -> Outcome:
    """Figure 7: K and G of each crystal system."""
    from cijkl.reproduction.screened_set import panels_outcome

    return panels_outcome(request, "liu-2025-fig-7", _SCREENED[7])


def table_a1(request: Request) -> Outcome:
    """Table A1: columns that follow from B, G, rho, V and N; as printed, v_l and v_t exchanged."""
    from cijkl.reproduction.derived_columns import derived_outcome

    return derived_outcome(request, "liu-2025-table-a1", _TITLE, one_atom=True, exchanged=True)


def table_a2(request: Request) -> Outcome:
    """Table A2: the same columns, printed as they follow from N atoms."""
    from cijkl.reproduction.derived_columns import derived_outcome

    return derived_outcome(request, "liu-2025-table-a2", _TITLE, one_atom=False, exchanged=False)


_HERE = "cijkl.reproduction.liu_2025"
_ROWS = (
    "its rows as --data FILE, a CSV with the columns formula, N, rho, V, B, G and, to be compared, "
    "v_l, v_t, v_mean, nu, theta; the rows themselves were found in no public file"
)
_TRAINED = (
    "data are public (Matbench) and downloaded, or --data; CGCNN is trained (some ten minutes; "
    "--out keeps it, --epochs), on a split by formula or, as in the paper, --split random"
)
_SCREEN = (
    "a store of `cijkl screen` as --store, or crystals with band gaps as --data, which are then "
    "screened with the set inorganic-2025; the paper's own 80,664 crystals are not part of cijkl"
)

ITEMS: tuple[Item, ...] = (
    Item("liu-2025-fig-2", "liu-2025", _SHEAR, "done", _TRAINED, f"{_HERE}:fig_2"),
    Item("liu-2025-fig-3", "liu-2025", _BULK, "done", "as fig 2", f"{_HERE}:fig_3"),
    *(
        Item(
            f"liu-2025-fig-{number}",
            "liu-2025",
            title,
            "needs data",
            _SCREEN if number == 4 else "as fig 4",
            f"{_HERE}:fig_{number}",
        )
        for number, title in _SCREENED.items()
    ),
    Item(
        "liu-2025-table-a1",
        "liu-2025",
        _TITLE,
        "needs data",
        _ROWS,
        f"{_HERE}:table_a1",
    ),
    Item(
        "liu-2025-table-a2",
        "liu-2025",
        _TITLE,
        "needs data",
        _ROWS,
        f"{_HERE}:table_a2",
    ),
)
