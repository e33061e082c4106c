"""Wen 2024: an equivariant network for elasticity tensors.

M. Wen, M. K. Horton, J. M. Munro, P. Huck and K. A. Persson, Digital Discovery 3, 869 (2024).
"""

from __future__ import annotations

from cijkl.reproduction.item import Item

__all__ = ["ITEMS"]

_TENSORS = "needs the tensors of the Materials Project; meanwhile `cijkl evaluate` compares tensors"

ITEMS: tuple[Item, ...] = (
    Item(
        "wen-2024-table-1",
        "wen-2024",
        "Errors of K, G and E by MatTen and by scalar models",
        "not yet",
        _TENSORS,
    ),
    Item(
        "wen-2024-fig-3",
        "wen-2024",
        "Errors of K, G and E, and their share of the spread, by crystal system",
        "not yet",
        _TENSORS,
    ),
    Item(
        "wen-2024-fig-4",
        "wen-2024",
        "Distribution of the directional error of Young's modulus",
        "not yet",
        _TENSORS,
    ),
    Item(
        "wen-2024-fig-5",
        "wen-2024",
        "Crystals with the largest Young's modulus along a direction",
        "not yet",
        "needs a screening over the Materials Project (`cijkl predict`)",
    ),
)
