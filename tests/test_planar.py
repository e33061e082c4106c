"""The record's `planar`: from the tensor of a cell, and by `compute`."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import graphene
from scipy.spatial.transform import Rotation

import cijkl
from cijkl.elasticity import ElasticTensor
from cijkl.potentials import AseCalculator, load
from cijkl.structures import layer

#: N/m (Wei et al. 2009, Phys. Rev. B 80, 205407)
GRAPHENE = np.array([[358.1, 60.4, 0.0], [60.4, 358.1, 0.0], [0.0, 0.0, 148.85]])


def sheet(vacuum=15.0, a=2.46):
    atoms = graphene(a=a, vacuum=vacuum / 2)
    atoms.pbc = True
    return atoms


def phosphorene(vacuum=12.0):
    """Half the cell of black phosphorus (Brown and Rundqvist 1965, Acta Cryst. 19, 684)."""
    a, b, thickness = 3.3136, 4.3763, 2.1453
    positions = np.column_stack(
        [
            [0.0, 0.0, a / 2, a / 2],
            np.array([0.0806, -0.0806, 0.5806, 0.4194]) * b,
            [0.0, thickness, thickness, 0.0],
        ]
    )
    return Atoms("P4", positions, cell=[a, b, thickness + vacuum], pbc=True)


def in_cell(stiffness, period):
    """Tensor of the cell, GPa, of a layer normal to z."""
    whole = np.zeros((6, 6))
    whole[np.ix_([0, 1, 5], [0, 1, 5])] = 10.0 * stiffness / period
    return ElasticTensor(whole)


def numbers(planar):
    """Everything of a planar record that no frame changes."""
    ranges = [planar["directional"][key][side]["value"] for key in ("E", "nu")
              for side in ("min", "max")]  # fmt: skip
    return np.concatenate(
        [np.abs(planar["C"]).ravel(), planar["eigenvalues"], ranges,
         [planar["anisotropy"], planar["areal_density"], planar["thickness"]],
         [v for m in planar["moduli"].values() for v in m.values()],
         list(planar["acoustics"].values())]
    )  # fmt: skip


@pytest.fixture(scope="module")
def potential():
    return load("sevennet-0")


@pytest.fixture(scope="module")
def relaxed(potential):
    (result,) = cijkl.compute(phosphorene(), potential)
    return result


def test_a_layer_has_constants_in_newtons_per_metre_and_no_bulk_moduli():
    result = cijkl.analyze(in_cell(GRAPHENE, 15.0), sheet(15.0))
    record = result.record
    planar = record["planar"]
    assert np.array(planar["C"]) == pytest.approx(GRAPHENE)
    assert record["structure"]["dimensionality"] == 2
    assert record["stable"]
    assert [warning["code"] for warning in record["warnings"]] == ["layer"]
    for key in ("criteria", "moduli", "anisotropy", "directional", "acoustics", "engineering"):
        assert record[key] is None
    assert planar["symmetry_class"] == "hexagonal"
    assert planar["moduli"]["E"]["hill"] == pytest.approx(347.9, abs=0.05)
    # 12.011 u on half of a^2 sin 60 degrees
    area = 2.46e-10**2 * np.sqrt(3) / 4
    assert planar["areal_density"] == pytest.approx(12.011 * 1.66054e-27 / area, rel=1e-4)
    assert planar["acoustics"]["v_l"] == pytest.approx(
        np.sqrt(358.1 / planar["areal_density"]), rel=1e-9
    )


def test_a_bulk_crystal_has_none():
    silicon = Atoms("Si", cell=5.4 * np.eye(3), pbc=True)
    record = cijkl.analyze(np.diag([9.0] * 6), silicon).record
    assert "planar" not in record
    assert record["structure"]["dimensionality"] == 3


def test_an_unstable_layer_says_so():
    soft = np.array([[60.0, 80.0, 0.0], [80.0, 60.0, 0.0], [0.0, 0.0, -10.0]])
    record = cijkl.analyze(in_cell(soft, 15.0), sheet(15.0)).record
    assert record["stable"] is False
    assert record["planar"]["moduli"] is None
    assert record["planar"]["directional"] is None
    assert {"layer", "unstable"} == {warning["code"] for warning in record["warnings"]}


def test_directions_of_a_tensor_without_bulk_moduli_are_left_out():
    record = cijkl.analyze(in_cell(GRAPHENE, 15.0), sheet(15.0), hkl=[(1, 0, 0)]).record
    assert "directions" not in record


def test_the_ieee_frame_gives_the_same_layer():
    turn = Rotation.from_euler("zyx", [20, 50, -30], degrees=True).as_matrix()
    atoms = phosphorene()
    stiffness = np.array([[105.2, 18.4, 0], [18.4, 26.2, 0], [0, 0, 22.4]])
    tensor = in_cell(stiffness, atoms.cell[2, 2])
    atoms.set_cell(atoms.cell.array @ turn.T, scale_atoms=True)
    from cijkl.properties import ieee_rotation
    from cijkl.structures import symmetry

    standard = tensor.rotate(turn).rotate(ieee_rotation(atoms, symmetry(atoms)))
    planar = cijkl.analyze(standard, atoms, frame="ieee").record["planar"]
    assert np.array(planar["C"]) == pytest.approx(stiffness, abs=1e-6)
    assert np.array(planar["axes"]) @ planar["normal"] == pytest.approx([0, 0], abs=1e-9)


def test_the_vacuum_does_not_matter(relaxed, potential):
    (wide,) = cijkl.compute(phosphorene(20.0), potential)
    assert wide.record["planar"]["vacuum"] == pytest.approx(
        relaxed.record["planar"]["vacuum"] + 8.0, abs=1e-3
    )
    tight, loose = (numbers(r.record["planar"]) for r in (relaxed, wide))
    assert loose == pytest.approx(tight, rel=2e-3, abs=0.02)
    assert relaxed.record["C"][0][0] > 1.3 * wide.record["C"][0][0]


def test_rotation_and_the_axis_of_the_vacuum_do_not_matter(relaxed, potential):
    rotation = Rotation.random(random_state=3).as_matrix()
    atoms = phosphorene()
    atoms.positions += [0.4, 0.7, -1.0]
    atoms.set_cell(atoms.cell.array[[2, 0, 1]] @ rotation.T, scale_atoms=False)
    atoms.positions = atoms.positions @ rotation.T
    atoms.wrap()
    (turned,) = cijkl.compute(atoms, potential)
    planar = turned.record["planar"]
    assert abs(np.dot(planar["normal"], rotation[:, 2])) == pytest.approx(1.0, abs=1e-9)
    # other strains are taken in the other frame, with other errors of their second order
    expected = numbers(relaxed.record["planar"])
    assert numbers(planar) == pytest.approx(expected, rel=1e-2, abs=0.02)
    assert abs(np.dot(planar["axes"][0], rotation[:, 0])) == pytest.approx(1.0, abs=1e-9)
    for extreme in planar["directional"]["E"].values():
        angle = np.radians(extreme["angle"])
        along = np.array([np.cos(angle), np.sin(angle)]) @ planar["axes"]
        assert extreme["direction"] == pytest.approx(along)


def test_finite_strains_agree_with_linear_response(relaxed, potential):
    (finite,) = cijkl.compute(phosphorene(), potential, method="finite")
    assert np.array(finite.record["planar"]["C"]) == pytest.approx(
        np.array(relaxed.record["planar"]["C"]), abs=0.15
    )


def test_only_strains_in_the_plane_are_taken(relaxed):
    stiffness = np.array(relaxed.record["C"])
    outside = np.delete(np.delete(stiffness, [0, 1, 5], 0), [0, 1, 5], 1)
    assert np.abs(outside).max() < 1e-9
    assert relaxed.record["response"]["strains"] == 2
    assert relaxed.atoms.cell[2, 2] == pytest.approx(phosphorene().cell[2, 2], abs=1e-12)
    planar = relaxed.record["planar"]
    assert (np.array(planar["C_error"]) >= 0).all()
    assert np.max(planar["C_error"]) < 0.5
    assert "large_vacuum" not in {warning["code"] for warning in relaxed.record["warnings"]}


def test_bulk_treats_a_layer_as_any_crystal(potential):
    (result,) = cijkl.compute(sheet(10.0), potential, bulk=True)
    assert "planar" not in result.record
    assert "large_vacuum" in {warning["code"] for warning in result.record["warnings"]}


def test_a_layer_takes_no_pressure():
    from ase.calculators.emt import EMT

    (result,) = cijkl.compute(sheet(10.0), AseCalculator(EMT(), "emt"), pressure=2.0)
    assert result.record["status"] == "failed"
    assert "a layer in vacuum, which takes none" in result.record["error"]


@pytest.mark.slow
def test_graphene_and_boron_nitride_with_the_default_potential():
    """340 +- 50 N/m by indentation (Lee et al. 2008, Science 321, 385); h-BN is softer."""
    model = load("sevennet-l3i5")
    nitride = graphene("BN", a=2.5, vacuum=7.0)
    nitride.pbc = True
    carbon, boron = (r.record["planar"] for r in cijkl.compute([sheet(), nitride], model))
    assert carbon["moduli"]["E"]["hill"] == pytest.approx(340, abs=50)
    assert 200 < boron["moduli"]["E"]["hill"] < carbon["moduli"]["E"]["hill"]
    for planar in (carbon, boron):
        c = np.array(planar["C"])
        assert c[0, 0] == pytest.approx(c[1, 1], rel=1e-6)
        assert c[2, 2] == pytest.approx((c[0, 0] - c[0, 1]) / 2, rel=1e-6)
        assert planar["anisotropy"] == pytest.approx(0.0, abs=1e-6)


def test_the_layer_of_the_record_is_that_of_its_structure(relaxed):
    again = layer(relaxed.atoms)
    planar = relaxed.record["planar"]
    assert planar["axes"] == pytest.approx(np.array(again.axes))
    assert planar["period"] == pytest.approx(again.period)
