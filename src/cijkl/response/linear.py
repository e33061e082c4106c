"""The relaxed-ion elastic tensor by linear response, from forces and stresses alone.

Let E(e, u) be the energy of a relaxed crystal at strain e and ionic displacement u. Then

    C = [E_ee - E_eu (E_uu)^+ E_ue] / V,

and every product of the second derivatives with a vector is a central difference of two
evaluations. The internal response x, which minimises x E_uu x / 2 + x E_ue e, is sought in a space
of displacements that symmetry multiplies (`subspace`), so that the tensor

    C = [E_ee + 2 x E_ue + x E_uu x] / V

is exact to second order in what is missing from x. Under stress, E_ee is not yet the derivative of
the Cauchy stress; `stress_strain` turns it into that (the coefficients of Birch and Wallace, which
are what a measurement gives and what decides stability under pressure).

Baroni et al. 2001, Rev. Mod. Phys. 73, 515, give the variational principle; Wu, Vanderbilt and
Hamann 2005, Phys. Rev. B 72, 035105, eq. 9, the relaxed-ion tensor.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.elasticity.symmetry import allowed_basis
from cijkl.errors import Diagnostic
from cijkl.response.deformation import (
    Gradient,
    Group,
    deform,
    gradient,
    mandel_to_matrix,
    matrix_to_mandel,
)
from cijkl.response.springs import spring_hessian
from cijkl.response.strains import fit_stiffness, minimal_strains
from cijkl.response.subspace import Subspace
from cijkl.units import EV_PER_A3_TO_GPA

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["LinearSettings", "Response", "linear_response", "stress_strain"]

Array = NDArray[np.float64]

#: eV/A^2, curvature below which a structure is no minimum; above, it may be noise
_NEGATIVE = -0.02
#: relative change on doubling the step above which a potential is called rough
_ROUGH = 0.05


@dataclass(frozen=True)
class LinearSettings:
    """How the derivatives are taken and when the internal response is converged.

    Parameters
    ----------
    strain_step
        Norm of the strain (Mandel) in the central differences.
    ion_step
        Largest displacement in the central differences, A.
    tolerance
        Error of the tensor from an incomplete internal response, relative to its largest constant.
    max_products
        Products with the second-derivative matrix after which to give up.
    """

    strain_step: float = 5e-3
    ion_step: float = 1e-2
    tolerance: float = 1e-3
    max_products: int = 200


@dataclass(frozen=True, eq=False)
class Response:
    """An elastic tensor and how well it is known.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa, relaxed ions, exactly symmetric.
    error
        (6, 6), GPa: change of each constant when the step is doubled.
    method
        ``linear`` or ``finite``.
    strains
        Strain directions that symmetry left to do.
    iterations
        Products with the ions' second derivatives (linear), or relaxation steps (finite).
    evaluations
        Calls of the potential.
    converged
        Whether the internal response is converged.
    asymmetry
        Norm of the part of the measured response that no tensor of this symmetry explains,
        relative to its norm.
    clamped
        (6, 6), Voigt, GPa: with the ions held; None where the method does not give it.
    lowest_curvature
        Smallest curvature met in the ions, eV/A^2; infinite if none was looked at.
    diagnostics
        What is doubtful.
    """

    stiffness: Array
    error: Array
    method: str
    strains: int
    iterations: int
    evaluations: int
    converged: bool
    asymmetry: float
    clamped: Array | None = None
    lowest_curvature: float = np.inf
    diagnostics: tuple[Diagnostic, ...] = field(default=())


def linear_response(
    atoms: Atoms,
    group: Group,
    settings: LinearSettings | None = None,
    stress: Array | None = None,
) -> Generator[list[Atoms], list[Evaluation], Response]:
    """Elastic tensor of a relaxed crystal: a coroutine that yields configurations to evaluate.

    Parameters
    ----------
    atoms
        Relaxed, with the exact symmetry of `group`; a primitive cell is cheapest.
    group
        Its space group.
    settings
        Steps and tolerance.
    stress
        Cauchy stress (3, 3) of the reference, eV/A^3, tension positive; zero by default.
    """
    settings = settings or LinearSettings()
    n, volume = len(atoms), atoms.get_volume()
    basis = allowed_basis(group.rotations)
    strains = minimal_strains(basis)
    still = np.zeros((n, 3))

    products = yield from _products(
        atoms, [(e, still) for e in strains], settings.strain_step, settings.ion_step
    )
    evaluations = 2 * len(strains)
    clamped, misfit = fit_stiffness(basis, strains, np.array([p.strain for p in products]))
    pull = _every_strain(group, strains, np.array([p.ions for p in products]))

    scale = float(np.abs(clamped).max())
    springs = np.asarray(np.linalg.cholesky(spring_hessian(atoms)[: 3 * n, : 3 * n]), np.float64)
    space, response = Subspace(group, n), np.zeros((3 * n, 6))
    iterations, softness, converged = 0, 1.0, False
    while True:
        residual = -(pull + space.products @ space.minimise(-pull))
        directions = _solve(springs, residual @ strains.T)
        # energy that one more exact step would gain, by the springs scaled to the potential
        missing = np.einsum("is,is->s", residual @ strains.T, directions) * softness / scale
        wanted = np.flatnonzero(missing > settings.tolerance)
        if not len(wanted):
            converged = True
            break
        if iterations + len(wanted) > settings.max_products:
            break
        moves = [directions[:, s].reshape(n, 3) for s in wanted]
        answers = yield from _products(
            atoms, [(np.zeros(6), m) for m in moves], settings.strain_step, settings.ion_step
        )
        iterations += len(wanted)
        before = _energy(space, pull)
        found = 0
        for move, answer in zip(moves, answers, strict=True):
            softness = _softness(springs, move, answer.ions)
            found += space.add(move, answer.ions)
        if space.lowest_mode()[0] < _NEGATIVE:
            break
        gained = np.abs(_energy(space, pull) - before).max() / scale
        if not found or gained < 0.1 * settings.tolerance:
            converged = True
            break
    evaluations += 2 * iterations

    curvature, mode = space.lowest_mode()
    diagnostics = []
    if curvature < _NEGATIVE:
        diagnostics.append(_not_a_minimum(atoms, curvature, mode))
        converged = False
    elif not converged:
        diagnostics.append(_unconverged(iterations))
    response = space.vectors @ space.minimise(-pull)
    relaxed = clamped + _energy(space, pull)
    relaxed, _ = fit_stiffness(basis, np.eye(6), relaxed)

    doubled, check_misfit = yield from _check(atoms, basis, strains, response, settings)
    evaluations += 2 * len(strains)
    error = np.abs(relaxed - doubled)
    if error.max() > _ROUGH * np.abs(relaxed).max():
        diagnostics.append(_rough(float(error.max() / np.abs(relaxed).max())))
    to_gpa = EV_PER_A3_TO_GPA / volume
    under_stress = np.zeros((6, 6))
    if stress is not None:
        under_stress, _ = fit_stiffness(basis, np.eye(6), volume * stress_strain(stress))
    return Response(
        stiffness=mandel_to_voigt(relaxed + under_stress) * to_gpa,
        error=mandel_to_voigt(error) * to_gpa,
        method="linear",
        strains=len(strains),
        iterations=iterations,
        evaluations=evaluations,
        converged=converged,
        asymmetry=max(misfit, check_misfit),
        clamped=mandel_to_voigt(clamped + under_stress) * to_gpa,
        lowest_curvature=curvature,
        diagnostics=tuple(diagnostics),
    )


def stress_strain(stress: Array) -> Array:
    """What a stress adds to E_ee/V to give the derivative of the Cauchy stress by strain.

    With energies taken at F = 1 + e, the change of stress is E_ee e/V + (s e + e s)/2 - s tr(e)
    (from Wallace 1972, Thermodynamics of Crystals, eq. 2.24, there for Lagrangian strain).

    Parameters
    ----------
    stress
        (3, 3), tension positive.

    Returns
    -------
    (6, 6), Mandel form, the unit of `stress`; its part symmetric under exchange of the pairs.
    """
    units = mandel_to_matrix(np.eye(6))
    change = 0.5 * (stress @ units + units @ stress)
    change = change - np.trace(units, axis1=1, axis2=2)[:, None, None] * stress
    columns = matrix_to_mandel(change).T
    return np.asarray(0.5 * (columns + columns.T), np.float64)


def _products(
    atoms: Atoms, directions: list[tuple[Array, Array]], strain_step: float, ion_step: float
) -> Generator[list[Atoms], list[Evaluation], list[Gradient]]:
    """Second derivatives times (strain, displacement) directions, all in one request."""
    moves = []
    for strain, displacement in directions:
        size = max(
            float(np.linalg.norm(strain)) / strain_step,
            float(np.linalg.norm(displacement, axis=1).max()) / ion_step,
        )
        moves += [(sign * strain / size, sign * displacement / size, size) for sign in (1.0, -1.0)]
    trials = [deform(atoms, strain, displacement) for strain, displacement, _ in moves]
    answers = yield trials
    slopes = [
        gradient(answer, move[0], trial.get_volume())
        for answer, move, trial in zip(answers, moves, trials, strict=True)
    ]
    products = []
    for plus, minus, (_, _, size) in zip(slopes[::2], slopes[1::2], moves[::2], strict=True):
        products.append(
            Gradient(
                strain=(plus.strain - minus.strain) * (0.5 * size),
                ions=(plus.ions - minus.ions) * (0.5 * size),
            )
        )
    return products


def _every_strain(group: Group, strains: Array, pulls: Array) -> Array:
    """E_ue (3n, 6) for all strains, from (m, n, 3) at the minimal ones and their images."""
    images = group.on_strain(strains).reshape(-1, 6)
    moved = group.on_ions(pulls - pulls.mean(1, keepdims=True))
    columns = moved.reshape(len(images), -1)
    return np.asarray(np.linalg.lstsq(images, columns, rcond=None)[0].T, np.float64)


def _energy(space: Subspace, pull: Array) -> Array:
    """x E_ue + E_eu x + x E_uu x (6, 6), eV, for the best x in the space."""
    coefficients = space.minimise(-pull)
    mixed = pull.T @ space.vectors @ coefficients
    energy: Array = mixed + mixed.T + coefficients.T @ space.matrix() @ coefficients
    return energy


def _solve(cholesky: Array, columns: Array) -> Array:
    from scipy.linalg import cho_solve

    solution: Array = cho_solve((cholesky, True), columns)
    n = len(solution) // 3
    centred = solution.reshape(n, 3, -1)
    return np.asarray((centred - centred.mean(0)).reshape(3 * n, -1), np.float64)


def _softness(cholesky: Array, move: Array, product: Array) -> float:
    """Springs' over the potential's stiffness along a move; how far the model is too stiff."""
    modelled = float(np.sum((cholesky.T @ move.ravel()) ** 2))
    return float(np.clip(modelled / max(float(np.sum(move * product)), 1e-12), 1e-3, 1e3))


def _check(
    atoms: Atoms, basis: Array, strains: Array, response: Array, settings: LinearSettings
) -> Generator[list[Atoms], list[Evaluation], tuple[Array, float]]:
    """The tensor again, by strains with their internal response at twice the step."""
    relaxed = [(e, (response @ e).reshape(-1, 3)) for e in strains]
    products = yield from _products(
        atoms, relaxed, 2.0 * settings.strain_step, 2.0 * settings.ion_step
    )
    columns = np.array([p.strain + response.T @ p.ions.ravel() for p in products])
    return fit_stiffness(basis, strains, columns)


def _not_a_minimum(atoms: Atoms, curvature: float, mode: Array) -> Diagnostic:
    sizes = np.linalg.norm(mode, axis=1)
    movers = sorted({atoms.symbols[i] for i in np.argsort(-sizes)[:3] if sizes[i] > 0.2})
    return Diagnostic(
        "negative_curvature",
        f"The structure is no minimum of this potential: moving {', '.join(movers) or 'atoms'} "
        f"lowers the energy (curvature {curvature:.2g} eV/A^2). Displace the atoms along that mode "
        "and relax without symmetry, or try another potential.",
    )


def _unconverged(iterations: int) -> Diagnostic:
    return Diagnostic(
        "response_unconverged",
        f"The internal response is not converged after {iterations} products; the constants are "
        "upper bounds. Allow more products.",
    )


def _rough(change: float) -> Diagnostic:
    return Diagnostic(
        "rough_potential",
        f"The constants change by up to {100 * change:.0f} % of the largest when the step is "
        "doubled: the potential's surface is rough on this scale.",
    )
