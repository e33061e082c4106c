from __future__ import annotations

import numpy as np
import pytest
from ase.data import atomic_numbers, chemical_symbols
from pymatgen.core import Element

from cijkl.models.peers.element_attributes import (
    LAST_ELEMENT,
    PROPERTIES,
    electronegativities,
    element_attributes,
)

WITHOUT_ELECTRONEGATIVITY = {"He", "Ne", "Ar"}
WITHOUT_MOLAR_VOLUME = {"At", "Fr", "Fm"}


def _places(symbol: str) -> dict[str, int | None]:
    """For each property the bit that is set, counted from 0."""
    row, start, places = element_attributes()[atomic_numbers[symbol]], 0, {}
    for name, bits in PROPERTIES:
        found = np.flatnonzero(row[start : start + bits])
        assert len(found) <= 1
        places[name] = int(found[0]) if len(found) else None
        start += bits
    return places


def test_shape_and_values():
    attributes = element_attributes()
    assert attributes.shape == (101, 92) == (LAST_ELEMENT + 1, sum(b for _, b in PROPERTIES))
    assert set(np.unique(attributes)) == {0.0, 1.0}
    assert not attributes[0].any()
    with pytest.raises(ValueError, match="read-only"):
        attributes[1, 0] = 1.0


def test_one_bit_for_each_known_property():
    for symbol in chemical_symbols[1 : LAST_ELEMENT + 1]:
        unknown = {name for name, place in _places(symbol).items() if place is None}
        expected = set()
        if symbol in WITHOUT_ELECTRONEGATIVITY:
            expected.add("electronegativity")
        if symbol in WITHOUT_MOLAR_VOLUME:
            expected.add("molar_volume")
        assert unknown == expected, symbol


# Each bin worked out by hand from handbook values, in the order of PROPERTIES.
SPOT = {
    # group 1; period 1; (2.20-0.5)/0.35 = 4.9; (31-25)/22.5 = 0.3; 1 electron;
    # (ln 13.598 - 1.3)/0.2 = 6.55; (0.754+3)/0.67 = 5.6; s; (ln 11.42 - 1.5)/0.28 = 3.3
    "H": (1, 0, 4, 0, 0, 6, 5, 0, 3),
    # helium is s; ln 24.587 = 3.202; no electronegativity; ln 21.0 = 3.045; -0.52 eV
    "He": (18, 0, None, 0, 1, 9, 3, 0, 5),
    # (2.55-0.5)/0.35 = 5.9; 76 pm: 2.3; ln 11.26 = 2.421; 1.262 eV: 6.4; ln 5.29 = 1.666
    "C": (14, 1, 5, 2, 3, 5, 6, 1, 0),
    # 3.98: 9.9; 57 pm: 1.4; ln 17.423 = 2.858; 3.401 eV: 9.6; ln 11.20 = 2.416
    "F": (17, 1, 9, 1, 6, 7, 9, 1, 3),
    # 1.90 is the edge of bin 4; 111 pm: 3.8; ln 8.152 = 2.098; 1.390 eV: 6.6; ln 12.06 = 2.490
    "Si": (14, 2, 4, 3, 3, 3, 6, 1, 3),
    # 1.83: 3.8; 132 pm: 4.8; 8 electrons; ln 7.902 = 2.067; 0.153 eV: 4.7; ln 7.09 = 1.959
    "Fe": (8, 3, 3, 4, 7, 3, 4, 2, 1),
    # 1.65: 3.3; 122 pm: 4.3; 12 electrons; ln 9.394 = 2.240; -0.62 eV: 3.6; ln 9.16 = 2.215
    "Zn": (12, 3, 3, 4, 11, 4, 3, 2, 2),
    # 4d10 5s0: ten electrons; 2.20; 139 pm: 5.1; ln 8.337 = 2.121; 0.562 eV: 5.3; ln 8.56 = 2.147
    "Pd": (10, 4, 4, 5, 9, 4, 5, 2, 2),
    # 0.79: 0.8; 244 pm: 9.7; ln 3.894 = 1.359; 0.472 eV: 5.2; ln 70.94 = 4.262
    "Cs": (1, 5, 0, 9, 0, 0, 5, 0, 9),
    # f block: no group; 1.20 is the edge of bin 2; 196 pm: 7.6; 4f7 5d1 6s2; ln 6.150 = 1.816;
    # 0.212 eV: 4.8; ln 19.90 = 2.991
    "Gd": (0, 5, 2, 7, 9, 2, 4, 3, 5),
    # lutetium is of the d block, its f shell full: 3 electrons; ln 5.426 = 1.691; ln 17.78 = 2.878
    "Lu": (3, 5, 2, 7, 2, 1, 4, 2, 4),
    # 2.33: 5.2; 146 pm: 5.4; 6s2 6p2; ln 7.417 = 2.004; 0.357 eV: 5.01; ln 18.26 = 2.905
    "Pb": (14, 5, 5, 5, 3, 3, 5, 1, 5),
    # 1.38: 2.5; 196 pm: 7.6; 5f3 6d1 7s2; ln 6.194 = 1.824; 0.315 eV: 4.9; ln 12.49 = 2.525
    "U": (0, 6, 2, 7, 5, 2, 4, 3, 3),
}


@pytest.mark.parametrize("symbol", SPOT)
def test_places_by_hand(symbol):
    assert tuple(_places(symbol).values()) == SPOT[symbol]


def test_groups_periods_and_blocks_of_the_periodic_table():
    for z in range(1, LAST_ELEMENT + 1):
        element, places = Element.from_Z(z), _places(chemical_symbols[z])
        block = "s" if z == 2 else element.block
        assert places["period"] == element.row - 1
        assert "spdf"[places["block"]] == block
        assert places["group"] == (0 if block == "f" else element.group)
        # electrons outside of closed shells follow from the group, but for the f block and helium
        if block in "sd" and z != 2:
            assert places["valence_electrons"] + 1 == element.group
        if block == "p":
            assert places["valence_electrons"] + 1 == element.group - 10


def test_elements_have_attributes_of_their_own():
    """Dysprosium, holmium and erbium are the only ones that look alike, as the docstring says."""
    rows, counts = np.unique(element_attributes()[1:], axis=0, return_counts=True)
    alike = [
        [chemical_symbols[z + 1] for z in np.flatnonzero((element_attributes()[1:] == row).all(1))]
        for row in rows[counts > 1]
    ]
    assert alike == [["Dy", "Ho", "Er"]]


def test_electronegativities():
    values = electronegativities()
    assert values[[1, 6, 9, 55, 79]].tolist() == [2.20, 2.55, 3.98, 0.79, 2.54]
    unknown = {chemical_symbols[z] for z in range(1, 101) if np.isnan(values[z])}
    assert unknown == WITHOUT_ELECTRONEGATIVITY
