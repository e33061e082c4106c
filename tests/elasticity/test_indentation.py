"""Indentation modulus against closed forms, a direct search, publications and invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from cijkl.elasticity import crystal_class_rotations, from_constants, rotate
from cijkl.elasticity.contact import best_ellipse
from cijkl.elasticity.indentation import (
    indentation_modulus,
    indentation_youngs_modulus,
    reduced_modulus,
)
from cijkl.elasticity.surface import surface_compliance
from cijkl.errors import InputError

COPPER = from_constants("cubic", {"C11": 168.4, "C12": 121.4, "C44": 75.4})
#: beta brass, CuZn (McManus, Phys. Rev. 129, 2004, 1963)
BRASS = from_constants("cubic", {"C11": 129.1, "C12": 109.7, "C44": 82.4})
#: zinc (Alers and Neighbours, J. Phys. Chem. Solids 7, 58, 1958)
ZINC = from_constants("hexagonal", {"C11": 163.7, "C12": 36.4, "C13": 53, "C33": 63.5, "C44": 38.8})
GRAPHITE = from_constants("hexagonal", {"C11": 1060, "C12": 180, "C13": 15, "C33": 36.5, "C44": 4})
#: alpha-quartz (McSkimin 1965)
QUARTZ = from_constants(
    "trigonal", {"C11": 86.8, "C12": 7.04, "C13": 11.91, "C14": -18.04, "C33": 105.75, "C44": 58.2}
)
X, Y, Z = np.eye(3)
FACES = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]])
CONTACTS = ("cone", "sphere", "flat")


@pytest.mark.parametrize("contact", CONTACTS)
def test_isotropic(contact):
    stiffness = np.diag([60.0] * 3 + [30.0] * 3)
    stiffness[:3, :3] += 50.0
    poisson = 50 / 160
    young = 2 * 30 * (1 + poisson)
    found = indentation_modulus(stiffness, [[0, 0, 1], [1, -2, 5]], contact)
    assert found == pytest.approx([young / (1 - poisson**2)] * 2, rel=1e-9)


def delafargue_ulm(c11, c12, c13, c33, c44):
    """M along the axis, exact, and across it, approximate (Int. J. Solids Struct. 41, 7351)."""
    root = np.sqrt(c11 * c33)
    along = 2 * np.sqrt((root**2 - c13**2) / c11 / (1 / c44 + 2 / (root + c13)))
    return along, np.sqrt(np.sqrt(c11 / c33) * (c11**2 - c12**2) / c11 * along)


@pytest.mark.parametrize("contact", CONTACTS)
@pytest.mark.parametrize("stiffness", [ZINC, GRAPHITE], ids=["zinc", "graphite"])
def test_transversely_isotropic_along_the_axis(stiffness, contact):
    constants = (
        stiffness[0, 0],
        stiffness[0, 1],
        stiffness[0, 2],
        stiffness[2, 2],
        stiffness[3, 3],
    )
    assert indentation_modulus(stiffness, Z, contact) == pytest.approx(
        delafargue_ulm(*constants)[0], rel=1e-8
    )


def test_transversely_isotropic_across_the_axis():
    """Their formula takes the extremes of the surface's compliance only: it is near, not exact."""
    # much like cortical bone, for which the formula was made
    bone = from_constants(
        "hexagonal", {"C11": 20.96, "C12": 9.98, "C13": 10.22, "C33": 29.6, "C44": 6.43}
    )
    for stiffness, tolerance in ((bone, 0.005), (ZINC, 0.02)):
        c = stiffness
        expected = delafargue_ulm(c[0, 0], c[0, 1], c[0, 2], c[2, 2], c[3, 3])[1]
        assert indentation_modulus(c, X, "flat") == pytest.approx(expected, rel=tolerance)


def test_what_vlassak_and_nix_found():
    """Abstract of J. Mech. Phys. Solids 42, 1223 (1994): measured on copper, beta brass, zinc."""
    copper, brass = (indentation_modulus(c, FACES) for c in (COPPER, BRASS))
    # (111) is about 10 % and 25 % stiffer than (100), and (110) slightly softer than (111)
    assert copper[2] / copper[0] == pytest.approx(1.10, abs=0.04)
    assert brass[2] / brass[0] == pytest.approx(1.25, abs=0.02)
    for moduli in (copper, brass):
        assert 0.95 * moduli[2] < moduli[1] < moduli[2]
    # zinc varies by as much as a factor of two
    tilt = np.radians(np.arange(0, 91, 5))
    zinc = indentation_modulus(ZINC, np.stack([np.sin(tilt), 0 * tilt, np.cos(tilt)], -1))
    assert zinc.max() / zinc.min() == pytest.approx(2.0, abs=0.15)


def surface(stiffness, normal, count=720):
    """Directions e (n, 3) over half a turn, in the plane's axes (n, 2), and h = Y / (2 pi)."""
    first = np.linalg.svd(normal[None])[2][1]
    second = np.cross(normal, first)
    angle = (np.arange(count) + 0.5) * np.pi / count
    flat = np.stack([np.cos(angle), np.sin(angle)], -1)
    across = -flat[:, 1:] * first + flat[:, :1] * second
    return flat, surface_compliance(stiffness, normal, across) / (2 * np.pi)


TILTED = np.array([1.0, 0.4, 0.9]) / np.linalg.norm([1.0, 0.4, 0.9])


@pytest.mark.parametrize("stiffness", [QUARTZ, ZINC, GRAPHITE], ids=["quartz", "zinc", "graphite"])
def test_a_sphere_bends_the_surface_to_its_own_shape(stiffness):
    """Hertz's pressure on the ellipse found gives a displacement that is round (Willis 1966)."""
    e, h = surface(stiffness, TILTED)
    angles = np.arctan2(e[:, 1], e[:, 0])
    (p,) = best_ellipse(2 * np.pi * h[None], angles, "sphere")
    size = np.linalg.norm(p)
    assert size > 0.01
    # squared distance q = x B x, with the half axes' ratio that p stands for and a b = 1
    doubled = np.array([[p[0], p[1]], [p[1], -p[0]]])
    b = (np.eye(2) - doubled) / np.sqrt(1 - size**2)
    assert np.linalg.det(b) == pytest.approx(1.0)
    rho = np.einsum("ni,ij,nj->n", e, b, e) ** -0.5
    step = np.pi / len(e)
    mean = step * np.sum(h * rho)
    moment = step * np.einsum("n,ni,nj->ij", h * rho**3, e, e)
    curvature = b * mean - b @ moment @ b
    assert curvature == pytest.approx(curvature[0, 0] * np.eye(2), abs=1e-6 * curvature[0, 0])
    # and the stiffness is that of Hertz's contact: load 2 pi / 3, depth (pi / 2) <h rho>
    load, depth = 2 * np.pi / 3, np.pi / 2 * mean
    modulus = 1.5 * load / depth / 2
    assert indentation_modulus(stiffness, TILTED, "sphere") == pytest.approx(modulus, rel=1e-6)


@pytest.mark.parametrize("stiffness", [QUARTZ, GRAPHITE], ids=["quartz", "graphite"])
def test_a_cone_against_a_direct_search(stiffness):
    """Of all ellipses the largest load at a given depth, the load by quadrature over the area."""
    e, h = surface(stiffness, TILTED)
    turn = (np.arange(400) + 0.5) * 2 * np.pi / 400
    cosine = (np.arange(200) + 0.5) / 200  # sqrt(1 - s^2), which takes the edge's pole away

    def load(parameters):
        a, b = np.exp(parameters[:2])
        c, s = np.cos(parameters[2]), np.sin(parameters[2])
        along, across = e[:, 0] * c + e[:, 1] * s, e[:, 1] * c - e[:, 0] * s
        rho = ((along / a) ** 2 + (across / b) ** 2) ** -0.5
        compliance = np.pi * np.mean(h * rho) / (2 * a * b)  # depth per load of the flat punch
        radius = np.sqrt((a * np.cos(turn)) ** 2 + (b * np.sin(turn)) ** 2)
        gap = 1.0 - np.sqrt(1 - cosine[:, None] ** 2) * radius
        return gap.mean() / compliance, compliance

    best = max(
        (
            minimize(
                lambda x: -load(x)[0],
                [-0.4, -0.6, angle],
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000, "maxfev": 4000},
            )
            for angle in (0.1, 1.6)
        ),
        key=lambda found: load(found.x)[0],
    )
    area = np.pi * np.exp(best.x[0] + best.x[1])
    expected = np.sqrt(np.pi / area) / (2 * load(best.x)[1])
    assert indentation_modulus(stiffness, TILTED, "cone") == pytest.approx(expected, rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(CONTACTS))
def test_turning_crystal_and_face_together_changes_nothing(seed, contact):
    turn = Rotation.random(rng=seed).as_matrix()
    normals = np.random.default_rng(seed).normal(size=(3, 3))
    for stiffness in (QUARTZ, ZINC):
        assert indentation_modulus(
            rotate(stiffness, turn), normals @ turn.T, contact
        ) == pytest.approx(indentation_modulus(stiffness, normals, contact), rel=1e-7)


@pytest.mark.parametrize(
    ("stiffness", "name"), [(COPPER, "cubic"), (QUARTZ, "trigonal"), (ZINC, "hexagonal")]
)
def test_faces_that_symmetry_makes_equal_are_equal(stiffness, name):
    normal = np.array([0.3, -0.5, 0.8])
    images = crystal_class_rotations(name) @ normal
    moduli = indentation_modulus(stiffness, np.concatenate([images, -images]))
    assert moduli == pytest.approx(moduli[0], rel=1e-7)
    assert (
        indentation_modulus(stiffness, [0.8, 0.3, -0.5])[()] != pytest.approx(moduli[0], rel=1e-4)
        or name == "cubic"
    )


@pytest.mark.parametrize("stiffness", [COPPER, QUARTZ, GRAPHITE])
def test_quadrature_is_converged(stiffness):
    """Against 720 directions on the surface, each with twelve digits."""
    for normal in (TILTED, X):
        _, h = surface(stiffness, normal)
        assert indentation_modulus(stiffness, normal, "flat") == pytest.approx(
            1 / (np.pi * h.mean()), rel=1e-7
        )


def test_a_pointed_contact_follows_the_surface():
    """The ellipse differs from the circle in second order only, and more so for a cone."""
    for stiffness, most in ((COPPER, 0.005), (QUARTZ, 0.02), (ZINC, 0.01)):
        normals = np.random.default_rng(1).normal(size=(20, 3))
        flat, sphere, cone = (
            indentation_modulus(stiffness, normals, c) for c in ("flat", "sphere", "cone")
        )
        assert np.abs(cone / flat - 1).max() < most
        assert (np.abs(sphere / flat - 1) <= np.abs(cone / flat - 1) + 1e-9).all()


def test_tips():
    # fused silica, the usual reference: E = 72 GPa, nu = 0.17 gives E_r = 69.6 GPa
    modulus = 72 / (1 - 0.17**2)
    assert reduced_modulus(modulus) == pytest.approx(69.6, abs=0.1)
    assert reduced_modulus(modulus, np.inf) == pytest.approx(modulus)
    assert indentation_youngs_modulus(modulus, 0.17) == pytest.approx(72.0)
    assert indentation_youngs_modulus([100.0, 50.0]) == pytest.approx([91.0, 45.5])


def test_shapes_and_tensors_without_a_modulus():
    unstable = np.diag([100.0, 100, 100, 30, 30, -1])
    broken = np.full((6, 6), np.nan)
    stack = np.array([[COPPER, unstable], [broken, ZINC]])
    found = indentation_modulus(stack, [[[0, 0, 1], [0, 0, 2], [1, 0, 0]]])
    assert found.shape == (2, 2, 1, 3)
    assert np.isnan(found[0, 1]).all()
    assert np.isnan(found[1, 0]).all()
    assert found[0, 0, 0, 0] == pytest.approx(found[0, 0, 0, 1])
    assert found[1, 1, 0] == pytest.approx(indentation_modulus(ZINC, [Z, Z, X]))
    assert indentation_modulus(COPPER, np.empty((0, 3))).shape == (0,)
    assert indentation_modulus(COPPER, Z).shape == ()


def test_the_unit_does_not_matter():
    assert indentation_modulus(1e-6 * QUARTZ, TILTED) == pytest.approx(
        1e-6 * indentation_modulus(QUARTZ, TILTED), rel=1e-9
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((COPPER, [0, 0, 0]), "zero"),
        ((COPPER, [0, 0]), "shape"),
        ((COPPER[0], Z), "shape"),
        ((COPPER, Z, "pyramid"), "cone, sphere, flat"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(InputError, match=message):
        indentation_modulus(*arguments)


def wood(along=55.0, across=10.0, shear=3.0, poisson=0.25):
    """Cell wall of wood: E along and across the fibre, G along, nu in the plane across; GPa."""
    compliance = np.diag([1 / across] * 2 + [1 / along] + [1 / shear] * 2 + [0.0])
    compliance[0, 1] = compliance[1, 0] = -poisson / across
    compliance[:2, 2] = compliance[2, :2] = -0.25 / along
    compliance[5, 5] = 2 * (1 + poisson) / across
    return np.linalg.inv(compliance)


@pytest.mark.parametrize(
    ("constants", "along", "across"),
    [
        ({"along": 30.0}, 17.12, 10.01),
        ({"along": 58.99}, 24.39, 10.12),
        ({"along": 79.95}, 28.63, 10.12),
        ({"across": 5.0}, 22.50, 5.97),
        ({"across": 10.25}, 23.52, 10.27),
        ({"across": 14.97}, 24.03, 13.83),
        ({"shear": 1.0}, 14.52, 7.99),
        ({"shear": 3.10}, 23.85, 10.16),
        ({"shear": 5.0}, 28.70, 11.26),
        ({"poisson": 0.01}, 23.34, 9.83),
        ({"poisson": 0.50}, 23.84, 10.60),
    ],
)
def test_cones_on_wood_as_published(constants, along, across):
    """Jaeger et al. 2011, Composites A (doi 10.1016/j.compositesa.2011.02.007), figure 4.

    By the method of Vlassak et al. 2003; values read off the figure, to about 0.05 GPa.
    """
    stiffness = wood(**constants)
    assert indentation_modulus(stiffness, Z, "cone") == pytest.approx(along, abs=0.15)
    assert indentation_modulus(stiffness, X, "cone") == pytest.approx(across, abs=0.15)
