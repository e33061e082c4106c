"""Columns of one's own: tensors, records, axes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ase import Atoms
from scipy.spatial.transform import Rotation

from cijkl.elasticity.notation import rotate
from cijkl.errors import InputError
from cijkl.reproduction.benchmark import measured, polycrystal
from cijkl.reproduction.columns import (
    OwnTensor,
    constant_errors,
    own_points,
    published_constant_errors,
    read_results,
    tensors_of_records,
)


def tetragonal(turned=None) -> Atoms:
    """A crystal of the point group 4/mmm."""
    atoms = Atoms("CsCl", scaled_positions=[[0, 0, 0], [0.5] * 3], cell=[5, 5, 7], pbc=True)
    if turned is not None:
        atoms.set_cell(atoms.cell.array @ turned.T, scale_atoms=True)
    return atoms


def record(identity, stiffness, atoms=None, **more):
    found = {"id": identity, "status": "ok", "C": np.asarray(stiffness).tolist(), "frame": "input"}
    if atoms is not None:
        found["structure"] = {
            "lattice": atoms.cell.array.tolist(),
            "species": list(atoms.symbols),
            "frac": atoms.get_scaled_positions().tolist(),
        }
    return found | more


def urea(rows):
    """Measured by Haussuhl, along the axes of the crystal."""
    return next(r.stiffness for r in rows if r.compound == "urea" and r.note == "Haussuhl")


def test_points_of_plain_tensors(rows):
    tensor = urea(rows)
    unstable = np.diag([1.0, 1.0, 1.0, 1.0, 1.0, -0.1])
    left_out = []
    (point,) = own_points(rows, {"urea": tensor, "water": tensor, "HMT": unstable}, left_out.append)
    np.testing.assert_allclose(point.computed, polycrystal(tensor))
    np.testing.assert_allclose(point.measured, measured(rows)["urea"])
    assert left_out == [
        "water: there is no measured tensor to compare with",
        "HMT: the tensor is unstable, its moduli have no meaning; left out",
    ]


def test_records_give_tensors_and_axes(rows):
    q = Rotation.from_euler("xyz", [0.4, 1.2, -0.8]).as_matrix()
    tensor = rotate(urea(rows), q)
    left_out = []
    found = tensors_of_records(
        [
            record("UREAXX02", tensor, tetragonal(q)),
            record("HXMTAM", np.eye(6), tetragonal(), frame="ieee"),
            record("RDX", np.eye(6)),
            record("something", np.eye(6)),
            {"id": "ACSALA07", "status": "failed", "error": "no minimum\nfound", "C": None},
        ],
        rows,
        report=left_out.append,
    )
    assert found.keys() == {"urea", "HMT", "RDX"}
    assert found["HMT"].axes is None
    assert found["RDX"].axes is None
    assert found["urea"].axes.system == "tetragonal"
    assert left_out == ["ACSALA07: failed: no minimum found"]
    # in the axes of its author the tensor agrees with itself, however the crystal lies
    agreements = constant_errors(rows, found)["urea"]
    assert len(agreements) == 3
    assert min(a.mae for a in agreements) < 1e-9
    assert max(a.mae for a in agreements) > 1.0


def test_the_preferred_structure_of_a_compound_comes_first(rows):
    soft, stiff = np.eye(6), 2 * np.eye(6)
    records = [record("ACSALA", stiff), record("ACSALA07", soft)]
    assert tensors_of_records(records, rows)["aspirin"].stiffness[0, 0] == 1.0
    mapped = tensors_of_records(records, rows, mapping={"aspirin": "ACSALA"})
    assert mapped["aspirin"].stiffness[0, 0] == 2.0
    assert mapped.keys() == {"aspirin"}


def test_constants_of_published_methods(rows):
    axes = tensors_of_records([record("UREAXX02", urea(rows), tetragonal())], rows)["urea"].axes
    found = published_constant_errors(rows, "NNP", {"urea": axes})
    (computed,) = (r for r in rows if r.compound == "urea" and r.method == "NNP")
    known = [r.stiffness for r in rows if r.compound == "urea" and r.method == "Exp"]
    assert len(found["urea"]) == len(known) == 3
    # PFP's tensor is along the crystal's axes: no other setting can be farther than this one
    for agreement, truth in zip(found["urea"], known, strict=True):
        upper = np.triu_indices(6)
        allowed = (np.abs(truth) > 0)[upper]
        direct = np.abs(computed.stiffness - truth)[upper][allowed].mean()
        assert agreement.mae <= direct + 1e-9


def test_a_measurement_that_does_not_fit_is_told(rows):
    """An orthorhombic compound in a tetragonal crystal."""
    tensor = OwnTensor(
        np.eye(6), tensors_of_records([record("urea", np.eye(6), tetragonal())], rows)["urea"].axes
    )
    left_out = []
    assert constant_errors(rows, {"RDX": tensor}, left_out.append) == {}
    assert len(left_out) == 5
    assert left_out[0].startswith("RDX, Bolme: constants are not compared: in none of 8 settings")


def test_results_files(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(record("a", np.eye(6))) + "\n\n")
    assert read_results(path)[0]["id"] == "a"
    for text, match in (
        ("{}\n", r"r\.jsonl:1: no record of cijkl"),
        ("[1]\n", "no record"),
        ("{\n", "no record"),
        ("\n", "holds no record"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=match):
            read_results(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_results(tmp_path / "none.jsonl")
