"""Global minimum and maximum over all directions of E, beta, G and nu, with the directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.directional import HYDROSTATIC, finite_compliance
from cijkl.elasticity.frame_newton import Form
from cijkl.elasticity.frame_search import canonical, minimise
from cijkl.elasticity.notation import voigt_to_strain
from cijkl.errors import InputError

__all__ = ["QUANTITIES", "Extrema", "Extremum", "Quantity", "extrema"]

Array = NDArray[np.float64]
Quantity = Literal["E", "beta", "G", "nu"]
QUANTITIES: tuple[Quantity, ...] = ("E", "beta", "G", "nu")

#: from a Voigt compliance to its Mandel form, element by element
_TO_MANDEL = np.sqrt(np.outer([1, 1, 1, 0.5, 0.5, 0.5], [1, 1, 1, 0.5, 0.5, 0.5]))

_YOUNG = (0, 0)
_SHEAR = (5, 5)
_POISSON = (0, 1)


@dataclass(frozen=True)
class Extremum:
    """An extreme value and where it is taken.

    Parameters
    ----------
    value
        (...), GPa for E and G, 1/GPa for beta, none for nu.
    direction
        (..., 3), unit vectors n, the first component that is not zero positive.
    second
        (..., 3), unit vectors normal to `direction`: normal of the shear plane for G,
        transverse direction for nu, None for E and beta.
    """

    value: Array
    direction: Array
    second: Array | None = None


@dataclass(frozen=True)
class Extrema:
    """Global minimum and maximum of a quantity over all directions."""

    min: Extremum
    max: Extremum


def extrema(
    stiffness: ArrayLike, quantity: Quantity, operations: Sequence[Array] | None = None
) -> Extrema:
    """Global minimum and maximum of E(n), beta(n), G(n, m) or nu(n, m) of each tensor.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    quantity
        "E", "beta", "G" or "nu".
    operations
        Point group (m, 3, 3) of each tensor, Cartesian rotations, in the order of the flattened
        leading axes. Tensors that have these symmetries exactly are searched faster with them.

    Returns
    -------
    Values exact to some 1e-10, relative. Of directions that crystal symmetry makes equal,
    one is given, chosen by the components and not by rounding.

    All is NaN for a singular or non-finite tensor. For an unstable one whose 1/E (1/G) is of
    both signs, E and nu (G) are unbounded: the values are then -inf and inf, the directions NaN.

    Raises
    ------
    InputError
        If a shape is wrong or the quantity is unknown.

    Notes
    -----
    beta is the quadratic form of a symmetric matrix, and its extremes are eigenvalues. For the
    others see :mod:`cijkl.elasticity.frame_search`.

    Examples
    --------
    >>> import numpy as np
    >>> copper = np.diag([168.4] * 3 + [75.4] * 3)
    >>> copper[:3, :3] += 121.4 * (1 - np.eye(3))
    >>> E = extrema(copper, "E")
    >>> print(f"{E.min.value:.1f} {E.max.value:.1f}", abs(E.min.direction.round(6)))
    66.7 191.1 [1. 0. 0.]
    """
    if quantity not in QUANTITIES:
        raise InputError(f"quantity is {quantity!r}, expected one of {', '.join(QUANTITIES)}")
    compliance = finite_compliance(stiffness)
    lead = compliance.shape[:-2]
    flat = compliance.reshape(-1, 6, 6)
    good = np.asarray(np.isfinite(flat).all(axis=(-2, -1)))
    symmetric = 0.5 * (flat + flat.swapaxes(-1, -2))[good]
    groups = None
    if operations is not None:
        groups = [group for group, fine in zip(operations, good, strict=True) if fine]
    search = {"E": _young, "beta": _compressibility, "G": _shear, "nu": _poisson}[quantity]
    low, high = search(symmetric, groups)
    pair = quantity in ("G", "nu")
    return Extrema(*(_gather(part, good, lead, pair) for part in (low, high)))


_Found = tuple[Array, Array]
_Groups = Sequence[Array] | None


def _young(compliance: Array, groups: _Groups) -> tuple[_Found, _Found]:
    return _reciprocal(compliance * _TO_MANDEL, _YOUNG, 1.0, groups)


def _shear(compliance: Array, groups: _Groups) -> tuple[_Found, _Found]:
    return _reciprocal(compliance * _TO_MANDEL, _SHEAR, 0.5, groups)


def _reciprocal(
    mandel: Array, component: tuple[int, int], factor: float, groups: _Groups
) -> tuple[_Found, _Found]:
    """Least and greatest factor/M'[component]."""
    (softest, soft_frame), (stiffest, stiff_frame) = _ends(mandel, component, groups)
    unbounded = (stiffest <= 0.0) & (softest >= 0.0)
    with np.errstate(divide="ignore"):
        low = np.where(unbounded, -np.inf, factor / softest)
        high = np.where(unbounded, np.inf, factor / stiffest)
    nowhere = unbounded[:, None, None]
    return (
        (low, np.where(nowhere, np.nan, soft_frame)),
        (high, np.where(nowhere, np.nan, stiff_frame)),
    )


def _poisson(compliance: Array, groups: _Groups) -> tuple[_Found, _Found]:
    """Least and greatest -M'_12/M'_11."""
    mandel = compliance * _TO_MANDEL
    sign = _sign_of_axial(mandel)
    bounded = sign != 0.0
    # nu is the same for S and -S
    definite = (mandel * sign[:, None, None])[bounded]
    if groups is not None:
        groups = [group for group, fine in zip(groups, bounded, strict=True) if fine]
    results = []
    ends = _ends(definite, _POISSON, groups, ratio=True)
    # nu has the sign opposite to the component's
    for (extreme, found), limit in zip(ends, (-np.inf, np.inf), strict=True):
        value = np.full(len(mandel), limit)
        frame = np.full((len(mandel), 3, 3), np.nan)
        value[bounded], frame[bounded] = -extreme, found
        results.append((value, frame))
    return results[0], results[1]


def _ends(
    mandel: Array, component: tuple[int, int], groups: _Groups, *, ratio: bool = False
) -> tuple[_Found, _Found]:
    """Greatest and least M'[component], or its ratio to M'_11, with their frames.

    Both are searched at once, which takes hardly longer than one where tensors are few.
    """
    count = len(mandel)
    form = Form(component, np.repeat([-1.0, 1.0], count), ratio)
    both = None if groups is None else [*groups, *groups]
    values, frames = minimise(np.concatenate([mandel, mandel]), form, both)
    return (-values[:count], frames[:count]), (values[count:], frames[count:])


def _sign_of_axial(mandel: Array) -> Array:
    """Sign that 1/E has in every direction, 0 where it has both."""
    sign = np.ones(len(mandel))
    doubtful = np.linalg.eigvalsh(mandel)[:, 0] <= 0.0
    least = minimise(mandel[doubtful], Form(_YOUNG, 1.0))[0]
    greatest = -minimise(mandel[doubtful], Form(_YOUNG, -1.0))[0]
    sign[doubtful] = np.where(least > 0.0, 1.0, np.where(greatest < 0.0, -1.0, 0.0))
    return sign


def _compressibility(compliance: Array, _: _Groups) -> tuple[_Found, _Found]:
    strain = voigt_to_strain(compliance @ HYDROSTATIC)
    values, columns = np.linalg.eigh(strain)
    axes = columns.swapaxes(-1, -2)
    return (values[:, 0], canonical(axes)), (values[:, 2], canonical(axes[:, ::-1]))


def _gather(found: _Found, good: NDArray[np.bool_], lead: tuple[int, ...], pair: bool) -> Extremum:
    """Extremum of all tensors from that of those with a finite compliance."""
    value = np.full(len(good), np.nan)
    frame = np.full((len(good), 3, 3), np.nan)
    value[good], frame[good] = found
    frame = frame.reshape(*lead, 3, 3)
    return Extremum(value.reshape(lead), frame[..., 0, :], frame[..., 1, :] if pair else None)
