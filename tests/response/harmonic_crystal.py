"""A potential whose elastic tensor is known in closed form."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_sylvester

from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.potentials import Evaluation
from cijkl.response.deformation import mandel_to_matrix, matrix_to_mandel
from cijkl.response.springs import spring_hessian
from cijkl.units import EV_PER_A3_TO_GPA


class HarmonicCrystal:
    """Energy z K z / 2 in z = (displacement, strain) around a reference crystal.

    K is random, invariant under the group and blind to translation. `soften` subtracts from the
    curvature of the displacement that a shear drives most, which makes the reference a saddle.
    """

    name, version = "harmonic", "test"
    settings: dict[str, str] = {}  # noqa: RUF012  # read only

    def __init__(self, atoms, group, seed=0, soften=0.0):
        self.atoms, self.group, n = atoms, group, len(atoms)
        rng = np.random.default_rng(seed)
        raw = rng.normal(size=(3 * n + 6, 3 * n + 6))
        matrix = 0.5 * spring_hessian(atoms) + 0.3 * raw @ raw.T
        matrix[3 * n :, 3 * n :] += 100.0 * np.eye(6)
        centre = np.eye(3 * n + 6)
        centre[: 3 * n, : 3 * n] -= np.kron(np.full((n, n), 1 / n), np.eye(3))
        operators = np.zeros((group.order, 3 * n + 6, 3 * n + 6))
        units = np.eye(3 * n).reshape(3 * n, n, 3)
        operators[:, : 3 * n, : 3 * n] = (
            group.on_ions(units).reshape(group.order, 3 * n, 3 * n).swapaxes(1, 2)
        )
        operators[:, 3 * n :, 3 * n :] = group.on_strain(np.eye(6)).swapaxes(1, 2)
        matrix = np.mean([centre @ op @ matrix @ op.T @ centre for op in operators], axis=0)
        if soften:
            driven = matrix[: 3 * n, -1]
            images = np.array([op[: 3 * n, : 3 * n] @ driven for op in operators])
            images /= np.linalg.norm(driven)
            matrix[: 3 * n, : 3 * n] -= soften * np.mean(
                [np.outer(image, image) for image in images], axis=0
            )
        self.matrix = matrix
        self.calls = 0

    def stiffness(self):
        """Relaxed-ion tensor (6, 6), Voigt, GPa, by the Schur complement."""
        m = 3 * len(self.atoms)
        ions, coupling, cell = self.matrix[:m, :m], self.matrix[:m, m:], self.matrix[m:, m:]
        relaxed = cell - coupling.T @ np.linalg.pinv(ions, rcond=1e-10) @ coupling
        return mandel_to_voigt(relaxed) * EV_PER_A3_TO_GPA / self.atoms.get_volume()

    def clamped(self):
        cell = self.matrix[-6:, -6:]
        return mandel_to_voigt(cell) * EV_PER_A3_TO_GPA / self.atoms.get_volume()

    def evaluate(self, structures):
        self.calls += len(structures)
        return [self._one(atoms) for atoms in structures]

    def _one(self, atoms):
        f = (np.linalg.inv(self.atoms.cell.array) @ atoms.cell.array).T
        displacement = atoms.positions @ np.linalg.inv(f).T - self.atoms.positions
        z = np.concatenate([displacement.ravel(), matrix_to_mandel(f - np.eye(3))])
        slope = self.matrix @ z
        inverse = np.linalg.inv(f)
        # the symmetric stress whose first Piola-Kirchhoff stress has this symmetric part
        target = 2.0 * mandel_to_matrix(slope[-6:]) / atoms.get_volume()
        stress = solve_sylvester(inverse, inverse, target)
        return Evaluation(
            energy=float(0.5 * z @ slope),
            forces=-slope[:-6].reshape(-1, 3) @ inverse,
            stress=0.5 * (stress + stress.T),
        )
