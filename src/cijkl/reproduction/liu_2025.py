"""Liu 2025: bulk and shear moduli by crystal graph networks, and what follows from them.

Y. Liu et al., Acta Phys. Sin. 74, 120702 (2025); arXiv:2511.04468.
"""

from __future__ import annotations

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Outcome, Request

__all__ = ["ITEMS", "table_a1", "table_a2"]

_TITLE = "Sound velocities, Poisson's ratio and Debye temperature of screened crystals"


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
_SCREEN = "needs a screening of crystals of the Materials Project (`cijkl predict`)"

ITEMS: tuple[Item, ...] = (
    Item(
        "liu-2025-fig-2",
        "liu-2025",
        "Shear moduli by CGCNN and by five models without a graph",
        "not yet",
        "data are public (Matbench); `cijkl train` and `cijkl evaluate` make and compare models",
    ),
    Item(
        "liu-2025-fig-3",
        "liu-2025",
        "Bulk moduli by CGCNN and by five models without a graph",
        "not yet",
        "as fig 2",
    ),
    *(
        Item(f"liu-2025-fig-{number}", "liu-2025", title, "not yet", _SCREEN)
        for number, title in (
            (4, "Crystal systems and atoms in the cell of the screened set"),
            (5, "Elements of the screened set"),
            (6, "K against G with Pugh's ratio"),
            (7, "K against G by crystal system"),
        )
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
