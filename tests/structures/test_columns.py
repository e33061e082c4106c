from __future__ import annotations

import numpy as np
from ase.build import bulk

from cijkl.structures import given
from cijkl.structures.columns import columns, record_columns


def test_single_values_only():
    info = {
        "gap": np.float64(1.5),
        "count": 3,
        "flag": True,
        "name": "two\nlines",
        "nan": float("nan"),
        "inf": float("inf"),
        "huge": 10**400,
        "list": [1, 2],
        "none": None,
        "array": np.eye(3),
        "": 1,
        "x" * 65: 1,
        5: 1,
    }
    assert columns(info) == {"gap": 1.5, "count": 3, "flag": True, "name": "two lines"}
    assert type(columns(info)["gap"]) is float


def test_the_structure_is_no_column():
    record = {"id": "a", "lattice": [], "species": [], "frac": [], "band_gap": 1.0}
    assert record_columns(record) == {"band_gap": 1.0}


def test_atoms_bring_their_own():
    atoms = bulk("Cu")
    atoms.info["temperature"] = 300.0
    (crystal,) = given(atoms)
    assert crystal.columns == {"temperature": 300.0}
