"""Harmonic decomposition of the stiffness, 2x0e + 2x2e + 1x4e, and its inverse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import Legendre
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.notation import mandel_to_voigt, voigt_to_mandel
from cijkl.errors import InputError

__all__ = ["Harmonic", "anisotropic_fraction", "compose", "decompose", "mandel_basis"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Harmonic:
    """Components of stiffnesses in the basis of `mandel_basis`, unit of the stiffness.

    Parameters
    ----------
    l0
        (..., 2): 3 K_V, and 2 sqrt(5) G_V, with the Voigt bulk and shear modulus.
    l2
        (..., 2, 5): coupling of volume and shape (zero if and only if a change of volume gives
        isotropic stress), and the part of the stiffness against change of shape.
    l4
        (..., 9): the totally symmetric and traceless part.
    """

    l0: Array
    l2: Array
    l4: Array

    @property
    def vector(self) -> Array:
        """All components (..., 21), in the order of the irreps 2x0e + 2x2e + 1x4e."""
        return np.concatenate([self.l0, self.l2.reshape(*self.l2.shape[:-2], 10), self.l4], axis=-1)

    @property
    def norms(self) -> Array:
        """Norm of each irrep (..., 5), which no rotation changes: l0, l0, l2, l2, l4.

        Their squares sum to the square of the norm of C_ijkl.
        """
        return np.concatenate(
            [
                np.abs(self.l0),
                np.linalg.norm(self.l2, axis=-1),
                np.linalg.norm(self.l4, axis=-1, keepdims=True),
            ],
            axis=-1,
        )


def decompose(stiffness: ArrayLike) -> Harmonic:
    """Components of a stiffness that rotate as spherical harmonics.

    They turn by the real Wigner matrices in the convention of e3nn (y is the polar axis; l = 1
    would be x, y, z): `decompose(rotate(C, R)).l4 == D4(R) @ decompose(C).l4`.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, symmetric.

    References
    ----------
    Backus, Rev. Geophys. 8, 633 (1970); Geiger & Smidt, arXiv:2207.09453 (e3nn).
    """
    mandel = voigt_to_mandel(stiffness)
    return _split(np.einsum("bij,...ij->...b", mandel_basis(), mandel))


def compose(harmonic: Harmonic) -> Array:
    """Stiffness (..., 6, 6), Voigt, of its harmonic components: the inverse of `decompose`."""
    return mandel_to_voigt(np.einsum("...b,bij->...ij", harmonic.vector, mandel_basis()))


def anisotropic_fraction(stiffness: ArrayLike) -> Array:
    """Norm of the anisotropic part of a stiffness over the norm of the whole, (...).

    0 for an isotropic tensor; it is the relative distance to isotropy.

    Raises
    ------
    InputError
        If a stiffness is zero.
    """
    norms = decompose(stiffness).norms
    whole = np.linalg.norm(norms, axis=-1)
    if not np.all(whole > 0.0):
        raise InputError("the anisotropic fraction of a zero or undefined stiffness does not exist")
    return np.asarray(np.linalg.norm(norms[..., 2:], axis=-1) / whole)


@cache
def mandel_basis() -> Array:
    """Orthonormal basis (21, 6, 6) of symmetric Mandel matrices, read-only.

    Order: P0 and P1/sqrt(5) (the projectors on changes of volume and of shape); five matrices that
    couple volume and shape; five that act on shape; nine that are totally symmetric and traceless.
    """
    volume = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0]) / 3.0**0.5
    p0 = np.outer(volume, volume)
    p1 = np.eye(6) - p0
    shapes = _fitted(2, linear=True)
    coupling = (shapes[:, :, None] * volume + volume[:, None] * shapes[:, None, :]) / 2.0**0.5
    acting = np.array([_unit(p1 @ _anticommutator(shape) @ p1) for shape in shapes])
    totally = np.array([_unit(m) for m in _fitted(4).reshape(9, 6, 6)])
    basis = np.concatenate([p0[None], p1[None] / 5.0**0.5, coupling, acting, totally])
    basis.flags.writeable = False
    return basis


def _split(vector: Array) -> Harmonic:
    """Components (..., 21) by irrep."""
    return Harmonic(
        l0=vector[..., :2],
        l2=vector[..., 2:12].reshape(*vector.shape[:-1], 2, 5),
        l4=vector[..., 12:],
    )


def _fitted(degree: int, linear: bool = False) -> Array:
    """Smallest tensors whose form in n is a real spherical harmonic of a degree.

    `linear` gives Mandel vectors (m, 6) with v(n) . e = Y(n), where v is the Mandel vector of n n;
    otherwise flat Mandel matrices (m, 36) with v(n) . M v(n) = Y(n). The smallest solution has no
    part that the form cannot see, so M is totally symmetric, and traceless since Y is harmonic.
    """
    directions = np.random.default_rng(0).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    x, y, z = directions.T
    root = 2.0**0.5
    squares = np.stack([x * x, y * y, z * z, root * y * z, root * x * z, root * x * y], axis=1)
    if not linear:
        squares = (squares[:, :, None] * squares[:, None, :]).reshape(len(directions), 36)
    solution = np.linalg.lstsq(squares, _harmonics(directions, degree), rcond=1e-10)[0].T
    return np.asarray(solution / np.linalg.norm(solution, axis=1, keepdims=True))


def _harmonics(directions: Array, degree: int) -> Array:
    """Real spherical harmonics (n, 2 degree + 1), m = -degree ... degree, y the polar axis.

    All have the same mean square over the sphere; without the Condon-Shortley sign.
    """
    x, y, z = directions.T
    columns = []
    for m in range(-degree, degree + 1):
        k = abs(m)
        around = (z + 1j * x) ** k
        along = np.asarray(Legendre.basis(degree).deriv(k)(y) if k else Legendre.basis(degree)(y))
        columns.append((around.imag if m < 0 else around.real) * along)
    return np.stack(columns, axis=1)


def _anticommutator(shape: Array) -> Array:
    """Mandel matrix of the map e -> S e + e S of symmetric 3x3 matrices, S of Mandel vector."""
    root = 2.0**0.5
    a, b, c = shape[:3]
    d, e, f = shape[3:] / root
    s = np.array([[a, f, e], [f, b, d], [e, d, c]])
    columns = []
    for k in range(6):
        unit = np.zeros((3, 3))
        i, j = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))[k]
        unit[i, j] = unit[j, i] = 1.0 if i == j else 1.0 / root
        image = s @ unit + unit @ s
        columns.append(
            [image[0, 0], image[1, 1], image[2, 2]]
            + [root * image[1, 2], root * image[0, 2], root * image[0, 1]]
        )
    return np.array(columns).T


def _unit(matrix: Array) -> Array:
    """Matrix over its norm."""
    return np.asarray(matrix / np.linalg.norm(matrix))
