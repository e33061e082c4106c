"""Global extremes against brute force, closed forms and rotation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from cijkl.elasticity.classes import CRYSTAL_CLASSES, crystal_class_rotations
from cijkl.elasticity.directional import (
    linear_compressibility,
    poisson_ratio,
    shear_modulus,
    youngs_modulus,
)
from cijkl.elasticity.extrema import QUANTITIES, Extrema, extrema
from cijkl.elasticity.notation import (
    compliance,
    compliance_to_cartesian,
    mandel_to_voigt,
    rotate,
    voigt_to_mandel,
)
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError

SEEDS = st.integers(0, 2**32 - 1)


def random_stiffness(seed: int, spread: float, count: int = 1) -> np.ndarray:
    """Positive definite, with Mandel eigenvalues scattered by the factor exp(+-spread)."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(count, 6, 6)))[0]
    values = 50 * np.exp(spread * rng.normal(size=(count, 1, 6)))
    return mandel_to_voigt((axes * values) @ axes.swapaxes(-1, -2))


def cubic(c11: float, c12: float, c44: float) -> np.ndarray:
    stiffness = np.diag([float(c11)] * 3 + [float(c44)] * 3)
    stiffness[:3, :3] += c12 * (1.0 - np.eye(3))
    return stiffness


def value_at(stiffness: np.ndarray, quantity: str, n: np.ndarray, m: np.ndarray | None) -> float:
    if quantity == "E":
        return float(youngs_modulus(stiffness, n))
    if quantity == "beta":
        return float(linear_compressibility(stiffness, n))
    assert m is not None
    return float({"G": shear_modulus, "nu": poisson_ratio}[quantity](stiffness, n, m))


def check_directions(stiffness: np.ndarray, quantity: str, found: Extrema) -> None:
    """The directions are unit vectors at right angles that have the value."""
    for extreme in (found.min, found.max):
        second = None
        assert_allclose(np.linalg.norm(extreme.direction), 1, rtol=1e-12)
        if quantity in ("G", "nu"):
            second = extreme.second
            assert second is not None
            assert_allclose(np.linalg.norm(second), 1, rtol=1e-12)
            assert abs(extreme.direction @ second) < 1e-12
        else:
            assert extreme.second is None
        value = value_at(stiffness, quantity, extreme.direction, second)
        assert_allclose(value, extreme.value, rtol=1e-8, atol=1e-9)


def brute_force(stiffness: np.ndarray, quantity: str, starts: int) -> tuple[float, float]:
    """Extremes by random frames and a general minimiser from the best of them.

    Nothing is shared with the search but the definition, S_ijkl contracted.
    """
    s = compliance_to_cartesian(compliance(stiffness))

    def value(frames: np.ndarray) -> np.ndarray:
        n, m = frames[..., 0, :], frames[..., 1, :]
        left = np.einsum("ijkl,...k,...l->...ij", s, n, n)
        axial = np.einsum("...ij,...i,...j->...", left, n, n)
        if quantity == "E":
            return np.asarray(1 / axial)
        if quantity == "nu":
            return np.asarray(-np.einsum("...ij,...i,...j->...", left, m, m) / axial)
        twist = np.einsum("ijkl,...k,...l->...ij", s, n, m)
        return np.asarray(0.25 / np.einsum("...ij,...i,...j->...", twist, n, m))

    frames = Rotation.random(20000, random_state=0).as_matrix()
    grid = value(frames)
    ends = []
    for sign in (1.0, -1.0):
        best = np.inf
        for k in np.argsort(sign * grid)[: 40 * starts : 40]:

            def turned(w: np.ndarray, k: int = int(k), sign: float = sign) -> float:
                return sign * float(value(frames[k] @ Rotation.from_rotvec(w).as_matrix().T))

            best = min(best, minimize(turned, np.zeros(3), method="BFGS", tol=1e-9).fun)
        ends.append(sign * best)
    return ends[0], ends[1]


def check_against_brute_force(stiffness: np.ndarray, starts: int = 5) -> None:
    for quantity in ("E", "G", "nu"):
        found = extrema(stiffness, quantity)
        check_directions(stiffness, quantity, found)
        low, high = brute_force(stiffness, quantity, starts)
        reach = 1e-9 * max(abs(low), abs(high))
        # the search may find more than brute force, never less
        assert found.min.value <= low + reach, quantity
        assert found.max.value >= high - reach, quantity


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_no_extreme_is_missed_in_any_crystal_class(name: str) -> None:
    for seed, spread in ((1, 0.4), (2, 1.5)):
        drawn = random_stiffness(seed, spread)[0]
        check_against_brute_force(project(drawn, crystal_class_rotations(name)), starts=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
@pytest.mark.parametrize("seed", range(3, 9))
def test_no_extreme_is_missed_in_any_turned_crystal(name: str, seed: int) -> None:
    stiffness = project(random_stiffness(seed, 0.3 * seed)[0], crystal_class_rotations(name))
    turn = Rotation.random(random_state=seed).as_matrix()
    check_against_brute_force(rotate(stiffness, turn), starts=6)


def test_two_maxima_near_each_other_are_told_apart() -> None:
    """The maxima of nu lie 8 degrees apart and differ by 1.4e-5: a crystal of mild anisotropy."""
    upper = [
        [210.95, 36.21, 52.41, -5.82, -11.29, 7.11],
        [223.92, 81.03, 4.89, -14.06, -1.41],
        [227.82, -6.53, 6.0, -3.56],
        [64.13, -2.98, 0.18],
        [91.84, -7.8],
        [64.69],
    ]
    stiffness = np.zeros((6, 6))
    for i, row in enumerate(upper):
        stiffness[i, i:] = stiffness[i:, i] = row
    check_against_brute_force(stiffness)
    assert_allclose(extrema(stiffness, "nu").max.value, 0.40661771631, rtol=1e-9)


def test_soft_mode_makes_a_curved_valley() -> None:
    """One Mandel eigenvalue 1e-6 of the others: 1/G is least along a line, almost flat."""
    axes = np.linalg.qr(np.random.default_rng(5).normal(size=(6, 6)))[0]
    stiffness = mandel_to_voigt((axes * [1e-4, 20, 40, 60, 100, 200]) @ axes.T)
    mandel = voigt_to_mandel(stiffness)
    for quantity, factor in (("E", 1.0), ("G", 0.5)):
        found = extrema(stiffness, quantity)
        check_directions(stiffness, quantity, found)
        assert found.min.value >= factor * np.linalg.eigvalsh(mandel)[0]
        frames = [Rotation.random(random_state=k).as_matrix() for k in range(20)]
        turned = [extrema(rotate(stiffness, r), quantity).max.value for r in frames]
        assert_allclose(turned, found.max.value, rtol=1e-6)


def test_auxetic_crystal() -> None:
    """Isotropic with nu = -0.5, and a cubic one that is auxetic in every direction."""
    check_against_brute_force(cubic(100.0, -30.0, 90.0))
    k, g = 10.0, 30.0
    isotropic = cubic(k + 4 * g / 3, k - 2 * g / 3, g)
    nu = (3 * k - 2 * g) / (2 * (3 * k + g))
    found = extrema(isotropic, "nu")
    assert nu < 0
    assert_allclose([found.min.value, found.max.value], nu, rtol=1e-12)


@pytest.mark.parametrize("constants", [(168.4, 121.4, 75.4), (1076, 125, 577), (350, 67, 60)])
def test_cubic_closed_forms(constants: tuple[float, float, float]) -> None:
    """E is extreme along <100> and <111>; G is C44 and (C11 - C12)/2; beta is 1/(3 K)."""
    c11, c12, c44 = constants
    stiffness = cubic(*constants)
    young = sorted(youngs_modulus(stiffness, [[1, 0, 0], [1, 1, 1]]))
    found = extrema(stiffness, "E")
    assert_allclose([found.min.value, found.max.value], young, rtol=1e-12)
    found = extrema(stiffness, "G")
    assert_allclose([found.min.value, found.max.value], sorted([c44, (c11 - c12) / 2]), rtol=1e-12)
    found = extrema(stiffness, "beta")
    assert_allclose([found.min.value, found.max.value], 1 / (c11 + 2 * c12), rtol=1e-12)


def test_poisson_ratio_of_copper_is_extreme_along_110() -> None:
    """Baughman et al., Nature 1998, 392, 362."""
    copper = cubic(168.4, 121.4, 75.4)
    found = extrema(copper, "nu")
    low, high = (float(poisson_ratio(copper, [1, 1, 0], m)) for m in ([1, -1, 0], [0, 0, 1]))
    assert_allclose([found.min.value, found.max.value], [low, high], rtol=1e-12)
    assert_allclose(np.sort(np.abs(found.min.direction)), [0, 0.5**0.5, 0.5**0.5], atol=1e-7)


def test_hexagonal_poles_and_equator() -> None:
    """Graphite: the layers and their normal are the extremes of E and of beta."""
    stiffness = np.diag([1060.0, 1060.0, 36.5, 4.5, 4.5, 440.0])
    stiffness[0, 1] = stiffness[1, 0] = 180.0
    stiffness[:2, 2] = stiffness[2, :2] = 15.0
    young = extrema(stiffness, "E")
    assert_allclose(young.max.value, youngs_modulus(stiffness, [1, 0, 0]), rtol=1e-10)
    assert_allclose(young.max.direction[2], 0, atol=1e-7)
    beta = extrema(stiffness, "beta")
    assert_allclose(beta.max.value, linear_compressibility(stiffness, [0, 0, 1]), rtol=1e-12)
    assert_allclose(beta.max.direction, [0, 0, 1], atol=1e-12)
    assert_allclose(beta.min.value, linear_compressibility(stiffness, [1, 0, 0]), rtol=1e-12)
    check_against_brute_force(stiffness)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.floats(0.05, 1.5))
def test_turning_the_crystal_turns_the_answer(seed: int, spread: float) -> None:
    stiffness = random_stiffness(seed, spread)[0]
    r = Rotation.random(random_state=seed).as_matrix()
    turned = rotate(stiffness, r)
    for quantity in QUANTITIES:
        here, there = extrema(stiffness, quantity), extrema(turned, quantity)
        for a, b in ((here.min, there.min), (here.max, there.max)):
            assert_allclose(a.value, b.value, rtol=1e-7, atol=1e-10)
            n, m = r.T @ b.direction, None if b.second is None else r.T @ b.second
            assert_allclose(value_at(stiffness, quantity, n, m), a.value, rtol=1e-7, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_extremes_bound_every_direction(seed: int) -> None:
    stiffness = random_stiffness(seed, 1.0)[0]
    n, m = Rotation.random(4000, random_state=seed).as_matrix().swapaxes(0, 1)[:2]
    values = {
        "E": youngs_modulus(stiffness, n),
        "beta": linear_compressibility(stiffness, n),
        "G": shear_modulus(stiffness, n, m),
        "nu": poisson_ratio(stiffness, n, m),
    }
    for quantity in QUANTITIES:
        found = extrema(stiffness, quantity)
        assert found.min.value <= values[quantity].min()
        assert found.max.value >= values[quantity].max()
        check_directions(stiffness, quantity, found)


def test_batches_of_any_shape_and_size() -> None:
    stiffness = random_stiffness(3, 0.8, 300).reshape(2, 150, 6, 6)
    for quantity in QUANTITIES:
        found = extrema(stiffness, quantity)
        assert found.min.value.shape == (2, 150)
        assert found.max.direction.shape == (2, 150, 3)
        alone = extrema(stiffness[1, 140], quantity)
        assert alone.min.value.shape == ()
        assert_allclose(found.min.value[1, 140], alone.min.value, rtol=1e-12)
        assert_allclose(found.max.direction[1, 140], alone.max.direction, atol=1e-9)
    assert extrema(np.empty((0, 6, 6)), "nu").max.value.shape == (0,)


def test_unit_does_not_matter() -> None:
    stiffness = random_stiffness(8, 1.0)[0]
    for quantity, power in (("E", 1), ("beta", -1), ("G", 1), ("nu", 0)):
        small, large = extrema(1e-6 * stiffness, quantity), extrema(1e6 * stiffness, quantity)
        assert_allclose(large.max.value, 1e12**power * small.max.value, rtol=1e-9)
        assert_allclose(large.min.direction, small.min.direction, atol=1e-6)


def test_symmetric_directions_are_chosen_alike() -> None:
    """Six <110> directions share the least nu of copper; noise must not pick among them."""
    copper = cubic(168.4, 121.4, 75.4)
    noise = 1e-12 * np.random.default_rng(0).normal(size=(20, 6, 6))
    found = extrema(copper + noise + noise.swapaxes(-1, -2), "nu")
    assert_allclose(found.min.direction, np.tile(found.min.direction[0], (20, 1)), atol=1e-5)


def test_unstable_tensors_are_unbounded() -> None:
    saddle = cubic(100.0, 120.0, 50.0)  # 1/E is negative along <100>, positive along <111>
    for quantity in ("E", "nu"):
        found = extrema(saddle, quantity)
        assert (found.min.value, found.max.value) == (-np.inf, np.inf)
        assert np.isnan(found.min.direction).all()
    shear = extrema(saddle, "G")
    assert (shear.min.value, shear.max.value) == (-np.inf, np.inf)
    assert_allclose(extrema(saddle, "beta").max.value, 1 / 340.0)


def test_unstable_tensors_whose_moduli_are_bounded() -> None:
    """A negative tensor has -E and the same nu; a bulk instability may leave 1/E positive."""
    stiffness = random_stiffness(4, 0.7)[0]
    assert_allclose(
        extrema(-stiffness, "E").min.value, -extrema(stiffness, "E").max.value, rtol=1e-9
    )
    for a, b in zip(
        (extrema(-stiffness, "nu").min, extrema(-stiffness, "nu").max),
        (extrema(stiffness, "nu").min, extrema(stiffness, "nu").max),
        strict=True,
    ):
        assert_allclose(a.value, b.value, rtol=1e-9)
    k, g = -100.0, 30.0
    collapsing = cubic(k + 4 * g / 3, k - 2 * g / 3, g)
    assert_allclose(extrema(collapsing, "E").max.value, 9 * k * g / (3 * k + g))
    assert_allclose(extrema(collapsing, "nu").max.value, (3 * k - 2 * g) / (2 * (3 * k + g)))


def test_a_bad_tensor_spoils_no_other() -> None:
    good = random_stiffness(6, 0.5)[0]
    batch = np.stack([good, np.zeros((6, 6)), np.full((6, 6), np.nan), good])
    for quantity in QUANTITIES:
        found = extrema(batch, quantity)
        assert np.isnan(found.max.value).tolist() == [False, True, True, False]
        assert np.isnan(found.max.direction[1:3]).all()
        assert_allclose(found.max.value[0], found.max.value[3], rtol=1e-12)
        assert np.isnan(extrema(batch[1], quantity).min.value)


def test_unknown_quantity() -> None:
    with pytest.raises(InputError, match="expected one of E, beta, G, nu"):
        extrema(np.eye(6), "K")  # type: ignore[arg-type]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize(
    "name", ["cubic", "hexagonal", "trigonal", "tetragonal_low", "orthorhombic", "triclinic"]
)
def test_a_known_symmetry_changes_nothing_but_the_work(name, quantity):
    group = crystal_class_rotations(name)
    turns = Rotation.random(20, random_state=4).as_matrix()
    groups = turns[:, None] @ group @ turns.swapaxes(1, 2)[:, None]
    stiffness = rotate(project(random_stiffness(3, 0.7, 20), group), turns)
    alone, known = extrema(stiffness, quantity), extrema(stiffness, quantity, groups)
    for side in ("min", "max"):
        one, other = getattr(alone, side), getattr(known, side)
        np.testing.assert_allclose(other.value, one.value, rtol=1e-9)
        at_direction(stiffness, quantity, other)
        if name != "hexagonal" and quantity in ("E", "nu"):
            # here an extreme is taken in few directions, of which the same is chosen
            np.testing.assert_allclose(other.direction, one.direction, atol=1e-5)


def at_direction(stiffness, quantity, found) -> None:
    """The value is taken where it is said to be."""
    functions = {
        "E": youngs_modulus,
        "beta": linear_compressibility,
        "G": shear_modulus,
        "nu": poisson_ratio,
    }
    for index, tensor in enumerate(stiffness):
        vectors = [found.direction[index]]
        if found.second is not None:
            vectors.append(found.second[index])
        value = functions[quantity](tensor, *vectors)
        assert value == pytest.approx(found.value[index], rel=1e-7)
