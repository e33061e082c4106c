"""Minimisation over a growing space of displacements, multiplied by the crystal's symmetry.

If H is the matrix of second derivatives and P an operation of the space group, H (P p) = P (H p).
One product with H, the costly step, is therefore known on every image of p. Minimising over all
images at once treats each irreducible representation by itself, and converges in fewer products
than conjugate gradients, which it equals when the group is trivial.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cijkl.response.deformation import Group

__all__ = ["Subspace"]

Array = NDArray[np.float64]

#: images less independent than this, relative to the first, add noise and no information
_INDEPENDENT = 3e-3


class Subspace:
    """Orthonormal displacements and what the second-derivative matrix makes of them.

    Parameters
    ----------
    group
        Operations of the crystal.
    natoms
        n.
    """

    def __init__(self, group: Group, natoms: int) -> None:
        self._group = group
        self.vectors = np.zeros((3 * natoms, 0))
        self.products = np.zeros((3 * natoms, 0))

    @property
    def dimension(self) -> int:
        """Number of directions known."""
        return self.vectors.shape[1]

    def add(self, direction: Array, product: Array) -> int:
        """Take in a displacement (n, 3) and its product with H (n, 3), and all their images.

        Returns
        -------
        How many new directions there were among the images.
        """
        images = _columns(self._group.on_ions(_centred(direction)))
        mapped = _columns(self._group.on_ions(_centred(product)))
        # twice is enough: the second pass removes what rounding left of the first
        for _ in range(2):
            overlap = self.vectors.T @ images
            images = images - self.vectors @ overlap
            mapped = mapped - self.products @ overlap
        _, sizes, mixing = np.linalg.svd(images, full_matrices=False)
        kept = sizes > _INDEPENDENT * max(float(np.linalg.norm(direction)), 1e-300)
        combine = mixing[kept].T / sizes[kept]
        self.vectors = np.hstack([self.vectors, images @ combine])
        self.products = np.hstack([self.products, mapped @ combine])
        return int(kept.sum())

    def matrix(self) -> Array:
        """H within the space, symmetric (k, k)."""
        raw = self.vectors.T @ self.products
        return 0.5 * (raw + raw.T)

    def asymmetry(self) -> float:
        """Largest antisymmetric element of H within the space, relative to its largest element."""
        raw = self.vectors.T @ self.products
        scale = float(np.abs(raw).max(initial=0.0))
        return float(np.abs(raw - raw.T).max() / (2.0 * scale)) if scale else 0.0

    def lowest_mode(self) -> tuple[float, Array]:
        """Smallest curvature met, eV/A^2, and its displacement (n, 3), of norm 1."""
        if not self.dimension:
            return np.inf, np.zeros((len(self.vectors) // 3, 3))
        values, modes = np.linalg.eigh(self.matrix())
        return float(values[0]), (self.vectors @ modes[:, 0]).reshape(-1, 3)

    def residual(self, mode: Array, curvature: float) -> Array:
        """H m - curvature m (n, 3) of a mode m (n, 3) within the space."""
        within = self.products @ (self.vectors.T @ mode.ravel())
        return np.asarray(within.reshape(-1, 3) - curvature * mode, np.float64)

    def minimise(self, forces: Array) -> Array:
        """Coefficients (k, c) of the displacements that minimise x H x / 2 - f x in the space.

        Parameters
        ----------
        forces
            (3n, c): one column f for each minimisation.
        """
        if not self.dimension:
            return np.zeros((0, forces.shape[1]))
        return np.asarray(np.linalg.solve(self.matrix(), self.vectors.T @ forces), np.float64)


def _centred(displacement: Array) -> Array:
    centred: Array = displacement - displacement.mean(0)
    return centred


def _columns(images: Array) -> Array:
    """(3n, g) from images (g, n, 3)."""
    return images.reshape(len(images), -1).T
