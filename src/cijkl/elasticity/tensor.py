"""`ElasticTensor`: the one object that every route returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity import (
    acoustics,
    anisotropy,
    averages,
    born,
    classes,
    directional,
    distances,
    harmonic,
    ieee,
    indentation,
    notation,
    planes,
    stability,
    symmetry,
)
from cijkl.elasticity.averages import Average
from cijkl.elasticity.contact import Contact
from cijkl.elasticity.extrema import Extrema, Quantity, extrema
from cijkl.elasticity.validation import validate

__all__ = ["ElasticTensor"]

Array = NDArray[np.float64]


class ElasticTensor:
    """One elastic tensor, or an array of them, in GPa.

    Behaves like a read-only array of shape (..., 6, 6): it can be indexed and iterated over its
    leading axes, and NumPy functions take it. Every method is vectorised over those axes. The
    functions behind the methods, with their formulas and sources, are in the modules of
    `cijkl.elasticity`.

    Parameters
    ----------
    stiffness
        (..., 6, 6), GPa, Voigt order xx yy zz yz xz xy with engineering shear strain.
    tolerance
        Largest relative asymmetry that is averaged away instead of refused.

    Raises
    ------
    InputError
        Wrong shape, numbers that are not finite, or no symmetric matrix.

    Examples
    --------
    >>> silicon = ElasticTensor.from_constants("cubic", C11=165.7, C12=63.9, C44=79.6)
    >>> print(f"{silicon.bulk_modulus():.1f} {silicon.shear_modulus('hill'):.1f}")
    97.8 66.5
    >>> print(silicon.youngs_modulus([[1, 0, 0], [1, 1, 1]]).round(1))
    [130.1 187.9]
    """

    __slots__ = ("_voigt",)

    def __init__(self, stiffness: ArrayLike, *, tolerance: float = 0.02) -> None:
        array = np.array(validate(stiffness, tolerance))
        array.flags.writeable = False
        self._voigt: Array = array

    @classmethod
    def from_mandel(cls, mandel: ArrayLike) -> ElasticTensor:
        """From the Mandel form (..., 6, 6), GPa."""
        return cls(notation.mandel_to_voigt(mandel))

    @classmethod
    def from_cartesian(cls, tensor: ArrayLike) -> ElasticTensor:
        """From the Cartesian components C_ijkl (..., 3, 3, 3, 3), GPa."""
        return cls(notation.cartesian_to_voigt(tensor))

    @classmethod
    def from_compliance(cls, compliance: ArrayLike) -> ElasticTensor:
        """From a Voigt compliance (..., 6, 6), 1/GPa."""
        return cls(notation.compliance(compliance))

    @classmethod
    def from_constants(
        cls, crystal_class: str, constants: Mapping[str, float] | None = None, **named: float
    ) -> ElasticTensor:
        """From the independent constants of a crystal class in the IEEE setting, GPa.

        Parameters
        ----------
        crystal_class
            One of `cijkl.elasticity.classes.CRYSTAL_CLASSES`, such as ``"cubic"``.
        constants, named
            Constants by name, ``C11=165.7`` and so on.
        """
        return cls(classes.from_constants(crystal_class, {**(constants or {}), **named}))

    @classmethod
    def from_harmonic(cls, parts: harmonic.Harmonic) -> ElasticTensor:
        """From the harmonic decomposition that `decompose` gives."""
        return cls(harmonic.compose(parts))

    @property
    def voigt(self) -> Array:
        """Stiffness (..., 6, 6), GPa, Voigt form; read-only."""
        return self._voigt

    @property
    def mandel(self) -> Array:
        """Stiffness (..., 6, 6), GPa, Mandel form."""
        return notation.voigt_to_mandel(self._voigt)

    @property
    def cartesian(self) -> Array:
        """C_ijkl (..., 3, 3, 3, 3), GPa."""
        return notation.voigt_to_cartesian(self._voigt)

    @property
    def compliance(self) -> Array:
        """Compliance (..., 6, 6), 1/GPa, Voigt form."""
        return notation.compliance(self._voigt)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the leading axes: () for one tensor."""
        return self._voigt.shape[:-2]

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("one tensor has no length; an array of tensors has")
        return self.shape[0]

    def __getitem__(self, index: Any) -> ElasticTensor:
        if not self.shape:
            raise TypeError("one tensor cannot be indexed; use `.voigt` for its components")
        picked = self._voigt[index]
        if picked.shape[-2:] != (6, 6) or picked.ndim < 2:
            raise IndexError("an index runs over tensors, not into their components; use `.voigt`")
        return ElasticTensor(picked)

    def __iter__(self) -> Iterator[ElasticTensor]:
        return (self[index] for index in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._voigt, dtype=dtype, copy=True if copy is None else copy)

    def __repr__(self) -> str:
        if self.shape:
            return f"ElasticTensor of shape {self.shape}, GPa"
        with np.printoptions(precision=2, suppress=True, linewidth=100):
            return f"ElasticTensor, GPa:\n{self._voigt}"

    def rotate(self, rotation: ArrayLike) -> ElasticTensor:
        """The crystal turned: C'_ijkl = R_ip R_jq R_kr R_ls C_pqrs, for (..., 3, 3) rotations."""
        return ElasticTensor(notation.rotate(self._voigt, rotation))

    def project(self, rotations: ArrayLike) -> ElasticTensor:
        """Nearest tensor that a point group, (g, 3, 3) Cartesian rotations, leaves alone."""
        return ElasticTensor(symmetry.project(self._voigt, rotations))

    def to_ieee(self, conventional: ArrayLike, spacegroup: int) -> ElasticTensor:
        """The tensor in the IEEE standard frame.

        Parameters
        ----------
        conventional
            (3, 3) rows a, b, c of the conventional cell, in the frame of this tensor, such as
            ``cijkl.structures.conventional(atoms).cell.array``.
        spacegroup
            International number.
        """
        return self.rotate(ieee.ieee_rotation(conventional, spacegroup))

    def symmetry_distances(self) -> dict[str, distances.SymmetryDistance]:
        """Distance to each elastic symmetry class, in this frame and in the best orientation."""
        return distances.symmetry_distances(self._voigt)

    def decompose(self) -> harmonic.Harmonic:
        """Harmonic parts 2 x l=0, 2 x l=2 and l=4."""
        return harmonic.decompose(self._voigt)

    def bulk_modulus(self, average: Average = "hill") -> Array:
        """Bulk modulus of the polycrystal, GPa; average voigt, reuss, hill or rh."""
        return averages.average_bulk(self._voigt, average)

    def shear_modulus(self, average: Average = "hill") -> Array:
        """Shear modulus of the polycrystal, GPa; average voigt, reuss, hill or rh."""
        return averages.average_shear(self._voigt, average)

    def moduli(self) -> dict[str, dict[Average, Array]]:
        """K, G, E and nu of the polycrystal by every average."""
        return averages.moduli(self._voigt)

    def youngs_modulus(self, directions: ArrayLike) -> Array:
        """Young's modulus along Cartesian directions (..., 3), GPa."""
        return directional.youngs_modulus(self._voigt, directions)

    def linear_compressibility(self, directions: ArrayLike) -> Array:
        """Linear compressibility along Cartesian directions (..., 3), 1/GPa."""
        return directional.linear_compressibility(self._voigt, directions)

    def directional_shear_modulus(self, directions: ArrayLike, normals: ArrayLike) -> Array:
        """Shear modulus along directions in planes with normals, both (..., 3), GPa."""
        return directional.shear_modulus(self._voigt, directions, normals)

    def poisson_ratio(self, directions: ArrayLike, transverse: ArrayLike) -> Array:
        """Poisson's ratio for stress along directions, seen along transverse ones, (..., 3)."""
        return directional.poisson_ratio(self._voigt, directions, transverse)

    def plane_shear_range(self, normals: ArrayLike) -> tuple[Array, Array]:
        """Least and largest shear modulus on planes with normals (..., 3), GPa."""
        return planes.plane_shear_range(self._voigt, normals)

    def indentation_modulus(self, normals: ArrayLike, contact: Contact = "cone") -> Array:
        """Modulus that an indenter finds on faces with normals (..., 3), GPa."""
        return indentation.indentation_modulus(self._voigt, normals, contact)

    def extrema(self, quantity: Quantity) -> Extrema:
        """Global minimum and maximum, with directions, of "E", "beta", "G" or "nu"."""
        return extrema(self._voigt, quantity)

    def universal_anisotropy(self) -> Array:
        """A^U of Ranganathan and Ostoja-Starzewski; 0 for an isotropic solid."""
        return anisotropy.universal_anisotropy(self._voigt)

    def log_euclidean_anisotropy(self) -> Array:
        """A^L of Kube; 0 for an isotropic solid."""
        return anisotropy.log_euclidean_anisotropy(self._voigt)

    def eigenvalues(self) -> Array:
        """Kelvin moduli (..., 6), GPa, ascending; all positive for a stable crystal."""
        return stability.eigenvalues(self._voigt)

    def is_stable(self) -> NDArray[np.bool_]:
        """Whether every small strain costs energy."""
        return stability.is_stable(self._voigt)

    def born_criteria(self, crystal_class: str) -> tuple[born.Criterion, ...]:
        """Conditions of stability of a crystal class, in its IEEE frame, and which of them fail."""
        return born.born_criteria(self._voigt, crystal_class)

    def nearest_stable(self, floor: float) -> ElasticTensor:
        """Nearest tensor without an eigenvalue below `floor`, GPa; material symmetry is kept."""
        return ElasticTensor(stability.nearest_positive_definite(self._voigt, floor))

    def phase_velocities(self, directions: ArrayLike, density: ArrayLike) -> tuple[Array, Array]:
        """Sound velocities, m/s, and polarisations along directions, for a density in g/cm^3."""
        return acoustics.phase_velocities(self._voigt, directions, density)

    def group_velocities(self, directions: ArrayLike, density: ArrayLike) -> Array:
        """Velocities of energy, m/s, of the three waves along directions; density in g/cm^3."""
        return acoustics.group_velocities(self._voigt, directions, density)

    def debye_temperature(self, density: ArrayLike, number_density: ArrayLike) -> Array:
        """Debye temperature, K, averaged over directions; g/cm^3 and atoms per A^3."""
        return acoustics.debye_temperature_exact(self._voigt, density, number_density)
