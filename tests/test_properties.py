"""Properties in the record against closed forms and published values."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import cijkl
from cijkl.analysis import analyze_file
from cijkl.elasticity import ElasticTensor
from cijkl.elasticity.acoustics import debye_temperature, debye_temperature_exact
from cijkl.properties import properties, sample, structure_facts
from cijkl.structures import symmetry

#: silicon at 298 K, GPa: H. J. McSkimin and P. Andreatch, J. Appl. Phys. 35, 3312 (1964)
C11, C12, C44 = 165.64, 63.94, 79.51
SILICON = ElasticTensor.from_constants("cubic", C11=C11, C12=C12, C44=C44)
#: g/cm^3, and A (CODATA lattice parameter)
DENSITY, EDGE = 2.329, 5.43102


def rotations() -> st.SearchStrategy[np.ndarray]:
    unit = arrays(float, 4, elements=st.floats(-1, 1)).filter(lambda q: np.linalg.norm(q) > 0.1)
    return unit.map(lambda q: _rotation(q / np.linalg.norm(q)))


def _rotation(q: np.ndarray) -> np.ndarray:
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


@pytest.fixture(scope="module")
def silicon():
    atoms = bulk("Si", "diamond", a=EDGE)
    return properties(SILICON, atoms=atoms, symmetry=symmetry(atoms))


def test_moduli_of_a_cubic_crystal(silicon):
    k, g_voigt = (C11 + 2 * C12) / 3, (C11 - C12 + 3 * C44) / 5
    g_reuss = 5 * (C11 - C12) * C44 / (4 * C44 + 3 * (C11 - C12))
    moduli = silicon["moduli"]
    assert set(np.round(list(moduli["K"].values()), 9)) == {round(k, 9)}
    expected = {
        "voigt": g_voigt,
        "reuss": g_reuss,
        "hill": (g_voigt + g_reuss) / 2,
        "rh": (g_voigt + 3 * g_reuss) / 4,
    }
    assert moduli["G"] == pytest.approx(expected)
    for average, g in expected.items():
        assert moduli["E"][average] == pytest.approx(9 * k * g / (3 * k + g))
        assert moduli["nu"][average] == pytest.approx((3 * k - 2 * g) / (6 * k + 2 * g))


def test_eigenvalues_and_criteria_of_a_cubic_crystal(silicon):
    shear = [C11 - C12] * 2 + [2 * C44] * 3
    assert silicon["eigenvalues"] == pytest.approx([*sorted(shear), C11 + 2 * C12])
    assert [criterion["value"] for criterion in silicon["criteria"]] == pytest.approx(
        [C11 - C12, C11 + 2 * C12, C44]
    )
    assert all(criterion["satisfied"] for criterion in silicon["criteria"])
    assert silicon["symmetry_class"] == "cubic"


def test_directional_moduli_of_a_cubic_crystal(silicon):
    s11 = (C11 + C12) / ((C11 - C12) * (C11 + 2 * C12))
    s12 = -C12 / ((C11 - C12) * (C11 + 2 * C12))
    s44 = 1 / C44
    directional = silicon["directional"]
    assert directional["E"]["min"]["value"] == pytest.approx(1 / s11)
    along_111 = 1 / (s11 - 2 / 3 * (s11 - s12 - s44 / 2))
    assert directional["E"]["max"]["value"] == pytest.approx(along_111)
    assert np.abs(directional["E"]["max"]["direction"]) == pytest.approx(3**-0.5)
    for side in ("min", "max"):
        assert directional["beta"][side]["value"] == pytest.approx(1 / (C11 + 2 * C12))
    assert directional["G"]["max"]["value"] == pytest.approx(C44)
    assert directional["G"]["min"]["value"] == pytest.approx((C11 - C12) / 2)
    # stress along [110]: nu along [1-10] is smallest, along [001] largest
    # (M. A. Hopcroft et al., J. Microelectromech. Syst. 19, 229 (2010): 0.064 and 0.36)
    s0 = s11 - s12 - s44 / 2
    assert directional["nu"]["min"]["value"] == pytest.approx(-(s12 + s0 / 2) / (s11 - s0 / 2))
    assert directional["nu"]["max"]["value"] == pytest.approx(-s12 / (s11 - s0 / 2))
    assert directional["nu"]["min"]["value"] == pytest.approx(0.064, abs=2e-3)
    assert directional["nu"]["max"]["value"] == pytest.approx(0.36, abs=3e-3)
    for name, second in (("G", "normal"), ("nu", "transverse")):
        for side in ("min", "max"):
            pair = directional[name][side]
            assert np.dot(pair["direction"], pair[second]) == pytest.approx(0, abs=1e-9)


def test_anisotropy_and_kleinman_of_a_cubic_crystal(silicon):
    anisotropy, engineering = silicon["anisotropy"], silicon["engineering"]
    assert anisotropy["zener"] == pytest.approx(2 * C44 / (C11 - C12))
    assert anisotropy["percent_K"] == pytest.approx(0.0, abs=1e-9)
    ratio = anisotropy["zener"]
    # A^U of a cubic crystal, Ranganathan and Ostoja-Starzewski (2008), eq. 10
    assert anisotropy["universal"] == pytest.approx(1.2 * (ratio**0.5 - ratio**-0.5) ** 2)
    assert engineering["cauchy_pressure"] == pytest.approx(C12 - C44)
    assert engineering["kleinman"] == pytest.approx((C11 + 8 * C12) / (7 * C11 + 2 * C12))


def test_sound_and_debye_temperature_of_silicon(silicon):
    assert silicon["structure"]["density"] == pytest.approx(DENSITY, abs=1e-3)
    moduli, acoustics = silicon["moduli"], silicon["acoustics"]
    rho = silicon["structure"]["density"] * 1e3
    k, g = moduli["K"]["hill"] * 1e9, moduli["G"]["hill"] * 1e9
    assert acoustics["v_l"] == pytest.approx(((k + 4 * g / 3) / rho) ** 0.5)
    assert acoustics["v_t"] == pytest.approx((g / rho) ** 0.5)
    # 645 K from the heat capacity (Kittel, Introduction to Solid State Physics, table of Debye
    # temperatures)
    assert acoustics["debye_temperature_exact"] == pytest.approx(645, abs=5)
    assert acoustics["debye_temperature"] == pytest.approx(645, abs=10)


@settings(max_examples=15, deadline=None)
@given(rotations())
def test_cubic_constants_are_found_in_every_frame(rotation):
    facts = properties(SILICON.rotate(rotation))
    assert facts["symmetry_class"] == "cubic"
    assert facts["anisotropy"]["zener"] == pytest.approx(2 * C44 / (C11 - C12), rel=1e-6)
    assert facts["engineering"]["kleinman"] == pytest.approx(
        (C11 + 8 * C12) / (7 * C11 + 2 * C12), rel=1e-6
    )


@settings(max_examples=10, deadline=None)
@given(rotations())
def test_turning_crystal_and_tensor_together_changes_no_scalar(rotation):
    atoms = bulk("Si", "diamond", a=EDGE)
    turned = atoms.copy()
    turned.set_cell(atoms.cell.array @ rotation.T, scale_atoms=True)
    before = properties(SILICON, atoms=atoms, symmetry=symmetry(atoms))
    after = properties(SILICON.rotate(rotation), atoms=turned, symmetry=symmetry(turned))
    assert after["moduli"]["G"] == pytest.approx(before["moduli"]["G"])
    assert after["acoustics"] == pytest.approx(before["acoustics"])
    assert after["engineering"]["kleinman"] == pytest.approx(before["engineering"]["kleinman"])
    for new, old in zip(after["criteria"], before["criteria"], strict=True):
        assert new["value"] == pytest.approx(old["value"])


def test_alpha_quartz_against_published_compliances():
    """R. Bechmann, Phys. Rev. 110, 1060 (1958), gives stiffnesses and compliances."""
    c14 = -17.91
    stiffness = np.diag([86.74, 86.74, 107.2, 57.94, 57.94, 39.88])
    stiffness[0, 1] = stiffness[1, 0] = 6.98
    stiffness[[0, 1, 2, 2], [2, 2, 0, 1]] = 11.91
    stiffness[[0, 3, 4, 5], [3, 0, 5, 4]] = c14
    stiffness[[1, 3], [3, 1]] = -c14
    s11, s12, s13, s33, s44 = 12.77e-3, -1.79e-3, -1.22e-3, 9.60e-3, 20.04e-3
    record = cijkl.analyze(stiffness).record
    assert record["symmetry_class"] == "trigonal"
    assert 1 / record["moduli"]["K"]["reuss"] == pytest.approx(
        2 * s11 + s33 + 2 * s12 + 4 * s13, rel=2e-3
    )
    beta = record["directional"]["beta"]
    assert beta["max"]["value"] == pytest.approx(s11 + s12 + s13, rel=2e-3)
    assert beta["min"]["value"] == pytest.approx(2 * s13 + s33, rel=2e-3)
    assert np.abs(beta["min"]["direction"]) == pytest.approx([0, 0, 1], abs=1e-6)
    s66 = 2 * (s11 - s12)
    shear = 4 * (2 * s11 + s33) - 4 * (s12 + 2 * s13) + 3 * (2 * s44 + s66)
    assert record["moduli"]["G"]["reuss"] == pytest.approx(15 / shear, rel=2e-3)


def test_alpha_quartz_and_its_crystal(request):
    root = request.config.rootpath / "examples"
    (result,) = analyze_file(root / "quartz.txt", read(root / "alpha-quartz.cif"), hkl=[(0, 0, 1)])
    record = result.record
    # 37 and 44 GPa (Mavko, Mukerji and Dvorkin, The Rock Physics Handbook, table A.4.1)
    assert record["moduli"]["K"]["hill"] == pytest.approx(37, abs=1)
    assert record["moduli"]["G"]["hill"] == pytest.approx(44, abs=1)
    assert record["structure"]["density"] == pytest.approx(2.648, abs=0.005)
    (axis,) = record["directions"]
    assert axis["E"] == pytest.approx(105.75 - 2 * 11.91**2 / (86.80 + 7.04))
    # waves along the axis: sqrt(C33/rho) and, twice, sqrt(C44/rho)
    rho = record["structure"]["density"]
    slow, middle, fast = axis["velocities"]
    assert slow == pytest.approx((58.20e6 / rho) ** 0.5)
    assert middle == pytest.approx(slow)
    assert fast == pytest.approx((105.75e6 / rho) ** 0.5)
    rng = np.random.default_rng(0)
    sampled = result.tensor.youngs_modulus(rng.normal(size=(100_000, 3)))
    extremes = record["directional"]["E"]
    assert extremes["min"]["value"] <= sampled.min() * (1 + 1e-12)
    assert extremes["max"]["value"] >= sampled.max() * (1 - 1e-12)
    assert extremes["min"]["value"] == pytest.approx(sampled.min(), rel=1e-3)
    assert extremes["max"]["value"] == pytest.approx(sampled.max(), rel=1e-3)
    assert record["anisotropy"]["zener"] is None
    assert record["engineering"]["kleinman"] is None


def test_tin_as_pymatgen_has_it():
    """The values that pymatgen publishes in its own tests, from its tensor and cell of tin."""
    atoms = bulk("Sn", "diamond", a=6.65061477)
    tensor = np.diag([59.33, 59.31, 59.32, 26.35, 26.35, 26.35])
    tensor[0, 1] = tensor[1, 0] = tensor[0, 2] = tensor[2, 0] = 28.08
    tensor[1, 2] = tensor[2, 1] = 28.07
    record = cijkl.analyze(tensor, atoms).record
    moduli, acoustics = record["moduli"], record["acoustics"]
    conductivity = record["engineering"]["thermal_conductivity"]
    assert moduli["K"]["voigt"] == pytest.approx(38.49111111, rel=1e-8)
    assert moduli["K"]["reuss"] == pytest.approx(38.49110945, rel=1e-8)
    assert moduli["K"]["hill"] == pytest.approx(38.49111028, rel=1e-8)
    assert moduli["G"]["voigt"] == pytest.approx(22.05866667, rel=1e-8)
    assert moduli["G"]["reuss"] == pytest.approx(20.67146635, rel=1e-8)
    assert moduli["G"]["hill"] == pytest.approx(21.36506651, rel=1e-8)
    assert moduli["E"]["hill"] == pytest.approx(54.08778767, rel=1e-8)
    assert moduli["nu"]["hill"] == pytest.approx(0.26579966, rel=1e-7)
    assert record["anisotropy"]["universal"] == pytest.approx(0.33553510, rel=1e-7)
    # with the rounded constants that pymatgen had then, 1.6605e-27 kg and 1.3806e-23 J/K
    mass, boltzmann = 1.66053906660 / 1.6605, 1.3806 / 1.380649
    assert acoustics["v_t"] * mass**0.5 == pytest.approx(1996.35019877, rel=1e-9)
    assert acoustics["v_l"] * mass**0.5 == pytest.approx(3534.68123832, rel=1e-9)
    assert acoustics["debye_temperature"] * mass**0.5 == pytest.approx(198.8037985, rel=5e-6)
    assert conductivity["clarke"] * boltzmann * mass**0.5 == pytest.approx(0.3450307, rel=1e-7)
    assert conductivity["cahill"] * boltzmann * mass**0.5 == pytest.approx(0.37896275, rel=1e-7)
    assert conductivity["agne"] * boltzmann * mass**0.5 == pytest.approx(0.23808966, rel=1e-7)


def test_slack_counts_the_atoms_of_the_primitive_cell():
    small, large = bulk("Si", "diamond", a=EDGE), bulk("Si", "diamond", a=EDGE, cubic=True)
    values = [
        properties(SILICON, atoms=a, symmetry=symmetry(a))["engineering"]["thermal_conductivity"]
        for a in (small, large, large.repeat((2, 1, 1)))
    ]
    for value in values[1:]:
        assert value == pytest.approx(values[0])


def test_without_a_crystal_what_needs_one_is_none():
    facts = properties(SILICON)
    assert facts["structure"] is None
    assert facts["criteria"] is None
    assert facts["acoustics"] is None
    assert facts["engineering"]["fracture_toughness"]["niu"] is None
    assert set(facts["engineering"]["thermal_conductivity"].values()) == {None}
    with_density = properties(SILICON, density=DENSITY)
    assert with_density["acoustics"]["v_l"] > 0
    assert with_density["acoustics"]["debye_temperature"] is None


def test_structure_facts():
    atoms = Atoms("NaCl", [[0, 0, 0], [2.82, 0, 0]], cell=np.eye(3) * 5.64, pbc=True)
    facts = structure_facts(atoms, None)
    assert facts["natoms"] == 2
    assert facts["volume"] == pytest.approx(5.64**3)
    # 58.443 g/mol in 5.64^3 A^3
    assert facts["density"] == pytest.approx(58.443 / 6.02214076e23 / (5.64e-8) ** 3, rel=1e-4)
    assert facts["spacegroup"] is None
    assert facts["frac"][1] == pytest.approx([0.5, 0, 0])


def test_many_tensors_sampled_together_give_what_each_gives_alone():
    crystals = [
        ElasticTensor.from_constants("cubic", C11=165.7, C12=63.9, C44=79.6),
        ElasticTensor.from_constants(
            "trigonal", C11=87.3, C12=6.6, C13=12.0, C14=-17.2, C33=105.8, C44=57.2
        ),
        ElasticTensor.from_constants("hexagonal", C11=1060, C12=180, C13=15, C33=36.5, C44=4.5),
    ]
    together = sample(np.stack([tensor.voigt for tensor in crystals]))
    for tensor, shared in zip(crystals, together, strict=True):
        alone = properties(tensor, density=2.5)
        assert properties(tensor, density=2.5, sampled=shared)["moduli"] == alone["moduli"]
        for quantity, ends in alone["directional"].items():
            for side, extreme in ends.items():
                for key, value in extreme.items():
                    np.testing.assert_allclose(
                        shared.directional[quantity][side][key], value, rtol=1e-8, atol=1e-8
                    )
        exact = debye_temperature_exact(tensor.voigt, 2.5, 0.07)
        velocity = shared.velocity / 2.5**0.5
        assert debye_temperature(velocity, 0.07) == pytest.approx(float(exact), rel=1e-12)
