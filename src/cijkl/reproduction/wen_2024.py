"""Wen 2024: an equivariant network for elasticity tensors.

M. Wen, M. K. Horton, J. M. Munro, P. Huck and K. A. Persson, Digital Discovery 3, 869 (2024).
"""

from __future__ import annotations

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Outcome, Request

__all__ = ["ITEMS", "fig_3", "fig_4", "fig_5", "table_1"]

_TABLE = "Errors of K, G and E by MatTen and by scalar models"
_SYSTEMS = "Errors of K, G and E, and their share of the spread, by crystal system"
_DIRECTIONS = "Distribution of the directional error of Young's modulus"
_STIFFEST = (
    "Crystals with the largest Young's modulus along a direction, unconventional cubic metals"
)


def table_1(request: Request) -> Outcome:
    """Table 1: errors of K, G and E of each model on crystals that it has not seen."""
    from cijkl.reproduction.tensor_tables import table_outcome

    return table_outcome(request, "wen-2024-table-1", _TABLE)


def fig_3(request: Request) -> Outcome:
    """Figure 3: the same by crystal system."""
    from cijkl.reproduction.tensor_tables import by_system_outcome

    return by_system_outcome(request, "wen-2024-fig-3", _SYSTEMS)


def fig_4(request: Request) -> Outcome:
    """Figure 4: the signed error of Young's modulus over all directions."""
    from cijkl.reproduction.directional_errors import directional_outcome

    return directional_outcome(request, "wen-2024-fig-4", _DIRECTIONS)


def fig_5(request: Request) -> Outcome:
    """Figure 5 and section 2.5: the stiffest crystals of a screening, and odd metals."""
    from cijkl.reproduction.stiffest import stiffest_outcome

    return stiffest_outcome(request, "wen-2024-fig-5", _STIFFEST)


_HERE = "cijkl.reproduction.wen_2024"
_TENSORS = (
    "crystals with tensors as --tensors and, for the shipped model, --data with moduli; further "
    "models by --model, MatTen and MatSca trained there by --out"
)
_SCREEN = (
    "a store of `cijkl screen` as --store, or crystals as --data, which are then screened with the "
    "set stiff-2024; the paper's list of crystals is not part of cijkl"
)

ITEMS: tuple[Item, ...] = (
    Item("wen-2024-table-1", "wen-2024", _TABLE, "needs data", _TENSORS, f"{_HERE}:table_1"),
    Item("wen-2024-fig-3", "wen-2024", _SYSTEMS, "needs data", "as table 1", f"{_HERE}:fig_3"),
    Item("wen-2024-fig-4", "wen-2024", _DIRECTIONS, "needs data", "as table 1", f"{_HERE}:fig_4"),
    Item("wen-2024-fig-5", "wen-2024", _STIFFEST, "needs data", _SCREEN, f"{_HERE}:fig_5"),
)
