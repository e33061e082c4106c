"""Names of crystal systems, point groups and Laue classes."""

from __future__ import annotations

__all__ = ["POINT_GROUP_ORDERS", "crystal_system", "laue_class"]

#: last space group number of each crystal system
_SYSTEMS = (
    (2, "triclinic"),
    (15, "monoclinic"),
    (74, "orthorhombic"),
    (142, "tetragonal"),
    (167, "trigonal"),
    (194, "hexagonal"),
    (230, "cubic"),
)
#: point groups of each Laue class
_LAUE = {
    "-1": ("1", "-1"),
    "2/m": ("2", "m", "2/m"),
    "mmm": ("222", "mm2", "mmm"),
    "4/m": ("4", "-4", "4/m"),
    "4/mmm": ("422", "4mm", "-42m", "4/mmm"),
    "-3": ("3", "-3"),
    "-3m": ("32", "3m", "-3m"),
    "6/m": ("6", "-6", "6/m"),
    "6/mmm": ("622", "6mm", "-6m2", "6/mmm"),
    "m-3": ("23", "m-3"),
    "m-3m": ("432", "-43m", "m-3m"),
}


#: number of operations of each point group
POINT_GROUP_ORDERS = {
    "1": 1, "-1": 2, "2": 2, "m": 2, "2/m": 4, "222": 4, "mm2": 4, "mmm": 8,
    "4": 4, "-4": 4, "4/m": 8, "422": 8, "4mm": 8, "-42m": 8, "4/mmm": 16,
    "3": 3, "-3": 6, "32": 6, "3m": 6, "-3m": 12,
    "6": 6, "-6": 6, "6/m": 12, "622": 12, "6mm": 12, "-6m2": 12, "6/mmm": 24,
    "23": 12, "m-3": 24, "432": 24, "-43m": 24, "m-3m": 48,
}  # fmt: skip


def crystal_system(number: int) -> str:
    """Give the crystal system of a space group number.

    >>> crystal_system(152), crystal_system(227)
    ('trigonal', 'cubic')
    """
    return next(name for last, name in _SYSTEMS if number <= last)


def laue_class(point_group: str) -> str:
    """Give the Laue class of a point group.

    >>> laue_class("32")
    '-3m'
    """
    return next(laue for laue, members in _LAUE.items() if point_group in members)
