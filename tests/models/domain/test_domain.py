"""A domain learned from measured crystals, and crystals that are in it and that are not."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

from cijkl.errors import InputError
from cijkl.models.domain import CODE, Domain, fit
from cijkl.models.domain.shells import GROUP, Shells
from cijkl.models.domain.usual_sizes import learn_sizes
from cijkl.models.domain.usual_surroundings import learn_surroundings
from cijkl.models.graphs import GraphSettings, crystal_graph

from ..measured import measured

SETTINGS = GraphSettings("shells", 24)
#: typical disagreement of an ensemble
SPREADS = 0.02 * np.random.default_rng(0).gamma(2.0, 0.5, (400, 2))


@pytest.fixture(scope="module")
def known():
    """Elements and compounds twice, so that the commonest elements are not rare."""
    crystals, _ = measured()
    return [*crystals, *crystals, *crystals]


@pytest.fixture(scope="module")
def domain(known):
    return fit(known, SPREADS)


def scaled(atoms, volume):
    atoms = atoms.copy()
    atoms.set_cell(atoms.cell * volume ** (1 / 3), scale_atoms=True)
    return atoms


def shells_of(atoms):
    return Shells(crystal_graph(atoms, SETTINGS))


def strain(domain, atoms):
    return domain.sizes.strain(domain.sizes.room(shells_of(atoms)))


def said(domain, atoms, spread=None):
    found = domain.warnings(atoms, spread)
    assert len(found) <= 1
    assert all(warning.code == CODE == "out_of_domain" for warning in found)
    return found[0].message if found else ""


#: measured lattice parameters (A) that the domain has not seen
UNSEEN = {
    "LiBr": bulk("LiBr", "rocksalt", a=5.50),
    "CaS": bulk("CaS", "rocksalt", a=5.69),
    "RbBr": bulk("RbBr", "rocksalt", a=6.85),
    "PbSe": bulk("PbSe", "rocksalt", a=6.12),
    "BP": bulk("BP", "zincblende", a=4.538),
    "GaN": bulk("GaN", "zincblende", a=4.50),
    "NiAl": bulk("NiAl", "cesiumchloride", a=2.887),
    "Ni3Al": crystal(
        ["Al", "Ni"], [(0, 0, 0), (0, 0.5, 0.5)], spacegroup=221, cellpar=[3.57] * 3 + [90] * 3
    ),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_crystals_of_the_same_kind_pass(domain, name):
    assert said(domain, UNSEEN[name], (0.02, 0.02)) == ""


def test_most_of_the_crystals_learned_from_pass(domain, known):
    assert np.mean([bool(domain.warnings(atoms)) for atoms in known]) < 0.05


@pytest.mark.parametrize("name", ["CaS", "GaN", "NiAl", "PbSe"])
def test_pressure_and_expansion(domain, name):
    assert "less room than usual" in said(domain, scaled(UNSEEN[name], 0.65))
    assert "more room than usual" in said(domain, scaled(UNSEEN[name], 1.6))


def test_the_strain_is_that_which_was_applied(domain):
    """The estimate changes by the change of ln V, whatever the crystal."""
    for atoms in UNSEEN.values():
        before, after = (strain(domain, a) for a in (atoms, scaled(atoms, 0.8)))
        assert after - before == pytest.approx(np.log(0.8), abs=1e-9)


def test_unseen_compounds_are_estimated_unstrained(domain):
    """Compounds whose elements were seen, most of them not together."""
    found = [strain(domain, atoms) for atoms in UNSEEN.values()]
    assert np.abs(found).max() < 0.2
    assert np.sqrt(np.mean(np.square(found))) < 0.1


def test_elements_that_were_not_seen(domain):
    assert "none of them had Ne" in said(domain, bulk("NeNa", "rocksalt", a=5.6))
    assert "none of them had Cm" in said(domain, bulk("Cm", "fcc", a=4.5))
    message = said(domain, bulk("Lr", "fcc", a=4.5))
    assert "none of them had Lr" in message
    # heavier than any that the networks know
    assert "none of them had Rf" in said(domain, bulk("Rf", "fcc", a=4.5))


def test_rare_elements(known):
    rare = fit([*known, bulk("PuC", "rocksalt", a=4.97)])
    assert "one of them had Pu" in said(rare, bulk("PuN", "rocksalt", a=4.9))


def test_another_element_in_the_same_cell(domain):
    """Caesium in the place of lithium and the other way round, and gold in that of boron."""
    for atoms, old, new in (
        (UNSEEN["LiBr"], "Li", "Cs"),
        (UNSEEN["RbBr"], "Rb", "Li"),
        (UNSEEN["BP"], "B", "Au"),
        (UNSEEN["NiAl"], "Al", "K"),
    ):
        assert said(domain, atoms, (0.02, 0.02)) == ""
        swapped = atoms.copy()
        swapped.symbols[swapped.symbols == old] = new
        assert "room than usual" in said(domain, swapped)


def test_molecules(domain):
    carbon_dioxide = crystal(
        ["C", "O"],
        [(0, 0, 0), (0.1185, 0.1185, 0.1185)],
        spacegroup=205,
        cellpar=[5.624] * 3 + [90] * 3,
    )
    assert "it consists of molecules" in said(domain, carbon_dioxide)


def test_one_atom_in_the_wrong_place(domain):
    """A supercell of salt in which one ion is displaced."""
    salt = bulk("NaCl", "rocksalt", a=5.64, cubic=True) * (2, 2, 2)
    assert said(domain, salt) == ""
    moved = salt.copy()
    moved.positions[11] += (0.5, 0.4, 0.3)
    assert "neighbours" in said(domain, moved)


def test_random_arrangements(domain):
    """Ten salts with their ions anywhere."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        salt = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
        salt.set_scaled_positions(rng.random((8, 3)))
        assert said(domain, salt)


def test_members_that_disagree(domain):
    atoms = UNSEEN["CaS"]
    usual = np.quantile(SPREADS, 0.9, axis=0)
    assert said(domain, atoms, usual) == ""
    assert "disagree on K by 22 %" in said(domain, atoms, (0.2, 0.02))
    assert "disagree on G by 22 %" in said(domain, atoms, (0.02, 0.2))


def test_one_network_has_nothing_to_disagree_with(known):
    for spreads in (None, np.zeros((20, 2))):
        alone = fit(known[:60], spreads)
        assert alone.limits.spread is None
        assert said(alone, known[0], (0.0, 0.0)) == ""


def test_cell_and_order_do_not_matter(domain):
    """The same number for a supercell and another origin."""
    atoms = UNSEEN["Ni3Al"]
    expected = strain(domain, atoms)
    other = atoms * (1, 2, 1)
    other.positions += (0.3, 0.1, 0.7)
    other = other[np.random.default_rng(1).permutation(len(other))]
    assert strain(domain, other) == pytest.approx(expected, abs=1e-9)


def test_sizes_come_from_the_crystals():
    """From crystals that all are larger by a tenth, lengths are larger by a tenth."""
    crystals, larger = (
        [shells_of(scaled(atoms, factor)) for atoms in measured()[0]] for factor in (1.0, 1.1**3)
    )
    sizes, swollen = learn_sizes(crystals), learn_sizes(larger)
    shift = [swollen.room(s).lengths.mean() - sizes.room(s).lengths.mean() for s in crystals]
    # as firmly as coefficients stay at the covalent radii
    assert np.median(shift) == pytest.approx(-np.log(1.1), rel=0.25)


@pytest.mark.parametrize(
    ("atoms", "neighbours", "distance"),
    [
        (bulk("Cu", "fcc", a=3.61), 12, 3.61 / 2**0.5),
        (bulk("Si", "diamond", a=5.431), 4, 5.431 * 3**0.5 / 4),
        (bulk("GaAs", "zincblende", a=5.653), 4, 5.653 * 3**0.5 / 4),
    ],
)
def test_shells_of_simple_crystals(atoms, neighbours, distance):
    """Numbers and distances of nearest neighbours, and every atom in their middle."""
    shells = shells_of(atoms)
    np.testing.assert_allclose(shells.coordination, neighbours, rtol=0.01)
    np.testing.assert_allclose(shells.distances, distance, rtol=0.01)
    np.testing.assert_allclose(shells.lopsidedness(), 0.0, atol=1e-9)


def test_an_atom_at_the_surface_is_lopsided():
    """A layer of copper five atoms thick: the outer atoms have 8 neighbours, all below a plane."""
    layer = bulk("Cu", "fcc", a=3.61, cubic=True) * (1, 1, 2)
    layer = layer[layer.positions[:, 2] < 3.61 * 1.1]
    layer.cell[2] *= 2.0
    shells = shells_of(layer)
    outer = layer.positions[:, 2] < 0.1
    # 4 of 8 directions lie in the plane, 4 are at 45 degrees to its normal
    np.testing.assert_allclose(shells.lopsidedness()[outer], 0.5 / 2**0.5, rtol=0.05)


def test_contacts_against_those_at_random():
    """In zincblende all contacts are of unlike atoms, of which at random there would be half."""
    arsenides = [shells_of(bulk("GaAs", "zincblende", a=a)) for a in np.linspace(5, 6, 300)]
    usual = learn_surroundings(arsenides)
    np.testing.assert_allclose(usual.compare(arsenides[0]).contacts, np.log(2.0), rtol=0.05)
    for group in GROUP[arsenides[0].elements]:
        assert usual.contacts[group, group] < -2.5
    # a pair of groups that no crystal had is neither liked nor disliked
    assert usual.contacts[0, 1] == 0.0


def test_anions_beside_anions(known):
    """Sodium and chlorine where each has its own kind around it, at distances that suit them."""
    salts = [bulk("NaCl", "rocksalt", a=a) for a in np.linspace(5.5, 5.8, 40)]
    domain = fit([*known, *salts])
    layers = crystal(
        ["Na", "Na", "Cl", "Cl"],
        [(0, 0, 0), (0.5, 0.5, 0), (0, 0, 0.5), (0.5, 0.5, 0.5)],
        spacegroup=1,
        cellpar=[3.9, 3.9, 6.9, 90, 90, 90],
    )
    assert "Cl has neighbours of a kind that it hardly ever has" in said(domain, layers)


def test_written_and_read(domain):
    again = Domain.load(json.loads(json.dumps(domain.as_dict())))
    for atoms in [*UNSEEN.values(), scaled(UNSEEN["GaN"], 0.6), bulk("He", "fcc", a=4.2)]:
        assert said(again, atoms, (0.05, 0.3)) == said(domain, atoms, (0.05, 0.3))
    with pytest.raises(InputError, match="no domain of a model"):
        Domain.load({"crystals": 3})
    with pytest.raises(InputError, match="no crystals"):
        fit([])


def test_it_takes_less_than_a_millisecond(domain):
    atoms = crystal(
        ["Al", "O"],
        [(0, 0, 0.35216), (0.30624, 0, 0.25)],
        spacegroup=167,
        cellpar=[4.7602, 4.7602, 12.9933, 90, 90, 120],
        primitive_cell=True,
    )
    graph = crystal_graph(atoms, SETTINGS)
    times = []
    for _ in range(50):
        start = time.process_time()
        domain.warnings_of_graph(graph, (0.02, 0.02))
        times.append(time.process_time() - start)
    assert min(times) < 1e-3


def test_atoms_without_company(domain):
    assert said(domain, Atoms("Cu", cell=[8, 8, 8], pbc=True))
