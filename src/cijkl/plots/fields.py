"""The numbers behind the directional figures: properties over a sphere or a circle.

The shear modulus and Poisson's ratio depend on a second direction m, normal to n. For a given n
both 1/G and nu are quadratic forms of m, so their extremes over m are the two eigenvalues of a
2x2 matrix: exact, with no search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.directional import linear_compressibility, youngs_modulus
from cijkl.elasticity.notation import compliance, compliance_to_cartesian
from cijkl.errors import InputError
from cijkl.plots.style import MAX_COLOUR, MIN_COLOUR, NEGATIVE_COLOUR

__all__ = [
    "PLANES",
    "PROPERTIES",
    "Plane",
    "Property",
    "Quantity",
    "Sheet",
    "circle",
    "sheets",
    "sphere_grid",
    "transverse_extremes",
]

Array = NDArray[np.float64]
Quantity = Literal["E", "beta", "G", "nu"]
Plane = Literal["xy", "xz", "yz"]


@dataclass(frozen=True)
class Property:
    """Name, symbol and display unit of a directional property.

    Parameters
    ----------
    factor
        Display value per value in GPa-based units (linear compressibility is shown in 1/TPa).
    """

    name: str
    symbol: str
    unit: str
    factor: float

    @property
    def label(self) -> str:
        """Symbol with unit, for an axis."""
        return f"{self.symbol} ({self.unit})" if self.unit else self.symbol


PROPERTIES: dict[Quantity, Property] = {
    "E": Property("Young's modulus", "E", "GPa", 1.0),
    "beta": Property("linear compressibility", "β", "TPa⁻¹", 1000.0),
    "G": Property("shear modulus", "G", "GPa", 1.0),
    "nu": Property("Poisson's ratio", "ν", "", 1.0),
}

#: the two Cartesian axes that span each plane
PLANES: dict[Plane, tuple[int, int]] = {"xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}


@dataclass(frozen=True)
class Sheet:
    """One surface of a directional property: values along directions, in display units.

    Parameters
    ----------
    values
        Shape of the directions without the last axis; never negative.
    negative
        Whether the property itself is minus `values`.
    colour
        Line colour.
    dash
        Line style of plotly, so that lines differ by more than colour.
    """

    name: str
    values: Array
    negative: bool
    colour: str
    dash: str


def sphere_grid(n_polar: int = 61, n_azimuth: int = 121) -> Array:
    """Unit directions (n_polar, n_azimuth, 3), poles and the meridian 0 = 360 degrees included."""
    theta = np.linspace(0.0, np.pi, n_polar)[:, None]
    phi = np.linspace(0.0, 2.0 * np.pi, n_azimuth)[None, :]
    return np.stack(
        [
            np.sin(theta) * np.cos(phi),
            np.sin(theta) * np.sin(phi),
            np.cos(theta) * np.ones_like(phi),
        ],
        axis=-1,
    )


def circle(plane: Plane, samples: int = 181) -> tuple[Array, Array]:
    """Angles (samples,) in degrees from the plane's first axis, and directions (samples, 3)."""
    if plane not in PLANES:
        raise InputError(f"plane is {plane!r}, expected one of {', '.join(PLANES)}")
    angles = np.linspace(0.0, 360.0, samples)
    directions = np.zeros((samples, 3))
    first, second = PLANES[plane]
    directions[:, first] = np.cos(np.radians(angles))
    directions[:, second] = np.sin(np.radians(angles))
    return angles, directions


def sheets(stiffness: ArrayLike, quantity: Quantity, directions: ArrayLike) -> tuple[Sheet, ...]:
    """The surfaces that show a property, largest first; sheets that are empty are left out.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa, positive definite.
    quantity
        "E", "beta", "G" or "nu".
    directions
        (*d, 3), unit vectors.

    Returns
    -------
    E: one sheet. beta: the positive and the negative part. G: the largest and the smallest over
    the transverse direction. nu: the largest, the smallest where positive, and the negative part.
    """
    if quantity not in PROPERTIES:
        raise InputError(f"quantity is {quantity!r}, expected one of {', '.join(PROPERTIES)}")
    factor = PROPERTIES[quantity].factor
    if quantity == "E":
        return (Sheet("E", youngs_modulus(stiffness, directions), False, MAX_COLOUR, "solid"),)
    if quantity == "beta":
        beta = factor * linear_compressibility(stiffness, directions)
        return _parts("positive", beta, MAX_COLOUR, "solid") + _negative(beta)
    low, high = transverse_extremes(stiffness, directions, quantity)
    if quantity == "G":
        return (
            Sheet("maximum", high, False, MAX_COLOUR, "solid"),
            Sheet("minimum", low, False, MIN_COLOUR, "dash"),
        )
    return (
        _parts("maximum", high, MAX_COLOUR, "solid")
        + _parts("minimum, where positive", low, MIN_COLOUR, "dash")
        + _negative(low)
    )


def transverse_extremes(
    stiffness: ArrayLike, directions: ArrayLike, quantity: Literal["G", "nu"]
) -> tuple[Array, Array]:
    """Smallest and largest G(n, m) or nu(n, m) over all m normal to each n.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa.
    directions
        (*d, 3), unit vectors n.

    Returns
    -------
    (minimum, maximum), each (*d); G in GPa.
    """
    n = np.asarray(directions, float)
    s = compliance_to_cartesian(compliance(stiffness))
    frame = _transverse_frame(n)
    if quantity == "G":
        form = 4.0 * np.einsum("ijkl,...i,...k->...jl", s, n, n, optimize=True)
    else:
        along = np.einsum("ijkl,...i,...j,...k,...l->...", s, n, n, n, n, optimize=True)
        form = -np.einsum("ijkl,...i,...j->...kl", s, n, n, optimize=True)
        form = form / along[..., None, None]
    small = np.linalg.eigvalsh(frame @ form @ frame.swapaxes(-1, -2))
    if quantity == "G":
        return 1.0 / small[..., 1], 1.0 / small[..., 0]
    return small[..., 0], small[..., 1]


def _transverse_frame(n: Array) -> Array:
    """Two unit vectors normal to each n and to each other, (*d, 2, 3)."""
    helper = np.eye(3)[np.argmin(np.abs(n), axis=-1)]
    first = np.cross(n, helper)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    return np.stack([first, np.cross(n, first)], axis=-2)


def _parts(name: str, values: Array, colour: str, dash: str) -> tuple[Sheet, ...]:
    """Positive part as a sheet, or nothing where there is none."""
    part = np.maximum(values, 0.0)
    return (Sheet(name, part, False, colour, dash),) if _visible(part, values) else ()


def _negative(values: Array) -> tuple[Sheet, ...]:
    part = np.maximum(-values, 0.0)
    sheet = Sheet("negative (magnitude)", part, True, NEGATIVE_COLOUR, "dot")
    return (sheet,) if _visible(part, values) else ()


def _visible(part: Array, values: Array) -> bool:
    """Whether a part is more than rounding next to the whole."""
    return bool(part.max(initial=0.0) > 1e-9 * np.abs(values).max(initial=0.0))
