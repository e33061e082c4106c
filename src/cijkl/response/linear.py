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
from cijkl.errors import Diagnostic, InputError
from cijkl.response.deformation import Group
from cijkl.response.modes import lowest_mode
from cijkl.response.products import products
from cijkl.response.springs import spring_hessian
from cijkl.response.strains import allowed_stiffnesses, fit_stiffness, minimal_strains
from cijkl.response.stress import stress_strain
from cijkl.response.subspace import Subspace
from cijkl.units import EV_PER_A3_TO_GPA

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["LinearSettings", "Response", "linear_response"]

Array = NDArray[np.float64]

#: eV/A^2, curvature below which a structure is no minimum; above, it may be noise
_NEGATIVE = -0.02
#: springs over potential, before a product has told
_UNKNOWN_SOFTNESS = 1e3
_SILENT = (
    "The potential gives no stress when the crystal is strained: its atoms may be farther apart "
    "than the potential reaches. Try another one."
)
#: relative change on doubling the step above which a potential is called rough
_ROUGH = 0.05


@dataclass(frozen=True)
class LinearSettings:
    """How the derivatives are taken and when the internal response is converged.

    Parameters
    ----------
    strain_step
        Norm of the strain (Mandel) in the central differences. In single precision stresses carry
        1e-5 GPa of noise, and constants change by about 0.2 GPa at a strain of 0.01, so that at
        0.002 rounding and non-linearity weigh the same, each below 0.01 GPa.
    ion_step
        Largest displacement in the central differences, A.
    tolerance
        Error of the tensor from an incomplete internal response, relative to its largest constant.
    max_products
        Products with the second-derivative matrix after which to give up.
    probes
        Further products, at most, spent on modes that strain does not drive: they cannot change the
        tensor, but show whether the structure is a minimum at all.
    """

    strain_step: float = 2e-3
    ion_step: float = 1e-2
    tolerance: float = 1e-3
    max_products: int = 200
    probes: int = 3


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
    normal: tuple[float, float, float] | None = None,
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
    normal
        Unit vector normal to a layer: only strains within it are taken, and all constants that
        involve others are zero. None for bulk crystals.

    Raises
    ------
    InputError
        If strain gives no stress at all.
    """
    settings = settings or LinearSettings()
    n, volume = len(atoms), atoms.get_volume()
    basis = allowed_stiffnesses(group, normal)
    strains = minimal_strains(basis)
    still = np.zeros((n, 3))

    answers = yield from products(
        atoms, [(e, still) for e in strains], settings.strain_step, settings.ion_step
    )
    evaluations = 2 * len(strains)
    clamped, misfit = fit_stiffness(basis, strains, np.array([p.strain for p in answers]))
    pull = _every_strain(group, strains, np.array([p.ions for p in answers]))
    if not np.abs(clamped).max() > 0.0:
        raise InputError(_SILENT)

    springs = np.asarray(np.linalg.cholesky(spring_hessian(atoms)[: 3 * n, : 3 * n]), np.float64)
    space = Subspace(group, n)
    iterations, converged = yield from _explore(
        atoms, space, springs, pull, strains, float(np.abs(clamped).max()), settings
    )
    evaluations += 2 * iterations

    diagnostics = []
    driven, mode = space.lowest_mode()
    if driven < _NEGATIVE:
        diagnostics.append(_not_a_minimum(atoms, driven, mode))
        converged = False
    elif not converged:
        diagnostics.append(_unconverged(iterations))
    response = space.vectors @ space.minimise(-pull)
    relaxed = clamped + _energy(space, pull)
    relaxed, _ = fit_stiffness(basis, np.eye(6), relaxed)

    curvature, probes = driven, 0
    if driven >= _NEGATIVE:
        curvature, mode, probes = yield from lowest_mode(
            atoms, space, springs, settings.probes, settings.ion_step
        )
        if curvature < _NEGATIVE:
            diagnostics.append(_unstable_mode(atoms, curvature, mode))
    doubled, check_misfit = yield from _check(atoms, basis, strains, response, settings)
    evaluations += 2 * (len(strains) + probes)
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


def _explore(
    atoms: Atoms,
    space: Subspace,
    springs: Array,
    pull: Array,
    strains: Array,
    scale: float,
    settings: LinearSettings,
) -> Generator[list[Atoms], list[Evaluation], tuple[int, bool]]:
    """Let a space grow until it holds the ions' response to the strains.

    Stops early where a negative curvature turns up, which the space then shows.

    Parameters
    ----------
    springs
        Cholesky factor of the preconditioner, (3n, 3n).
    pull
        E_ue (3n, 6), eV/A.
    scale
        Largest clamped constant, eV, by which the tolerance is relative.

    Returns
    -------
    Products spent, and whether the response is converged.
    """
    n, spent, idle = len(atoms), 0, 0
    while True:
        residual = -(pull + space.products @ space.minimise(-pull)) @ strains.T
        directions = _solve(springs, residual)
        # energy that exact steps would still gain, by the springs scaled to the potential
        missing = (residual * directions).sum(0) * _softness(space, springs) / scale
        wanted = np.flatnonzero(missing > settings.tolerance)
        moves = space.fresh([directions[:, s].reshape(n, 3) for s in wanted])
        if not moves:
            return spent, True
        if spent + len(moves) > settings.max_products:
            return spent, False
        answers = yield from products(
            atoms, [(np.zeros(6), m) for m in moves], settings.strain_step, settings.ion_step
        )
        spent += len(moves)
        before = _energy(space, pull)
        for move, answer in zip(moves, answers, strict=True):
            space.add(move, answer.ions)
        if space.lowest_mode()[0] < _NEGATIVE:
            return spent, False
        gained = np.abs(_energy(space, pull) - before).max() / scale
        idle = idle + 1 if gained < 0.1 * settings.tolerance else 0
        # once may be chance; twice, and the residual is noise, whatever the springs make of it
        if idle == 2:
            return spent, True


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


def _softness(space: Subspace, cholesky: Array) -> float:
    """Largest ratio of the springs' stiffness to the potential's, over the space.

    What the springs call the missing energy is at most about this much too small. Before anything
    is known they may be wrong by orders of magnitude, and any response at all is worth a product.
    """
    if not space.dimension:
        return _UNKNOWN_SOFTNESS
    from scipy.linalg import eigh

    stiff = cholesky.T @ space.vectors
    lowest = eigh(space.matrix(), stiff.T @ stiff, eigvals_only=True, subset_by_index=[0, 0])[0]
    return float(np.clip(1.0 / lowest, 1.0, _UNKNOWN_SOFTNESS)) if lowest > 0 else _UNKNOWN_SOFTNESS


def _check(
    atoms: Atoms, basis: Array, strains: Array, response: Array, settings: LinearSettings
) -> Generator[list[Atoms], list[Evaluation], tuple[Array, float]]:
    """The tensor again, by strains with their internal response at twice the step."""
    relaxed = [(e, (response @ e).reshape(-1, 3)) for e in strains]
    answers = yield from products(
        atoms, relaxed, 2.0 * settings.strain_step, 2.0 * settings.ion_step
    )
    columns = np.array([p.strain + response.T @ p.ions.ravel() for p in answers])
    return fit_stiffness(basis, strains, columns)


def _not_a_minimum(atoms: Atoms, curvature: float, mode: Array) -> Diagnostic:
    return Diagnostic(
        "negative_curvature",
        f"The structure is no minimum of this potential: moving {_movers(atoms, mode)} lowers the "
        f"energy (curvature {curvature:.2g} eV/A^2), and strain drives that motion. Displace the "
        "atoms along it and relax without symmetry, or try another potential.",
    )


def _unstable_mode(atoms: Atoms, curvature: float, mode: Array) -> Diagnostic:
    return Diagnostic(
        "unstable_mode",
        f"The structure is a saddle of this potential: moving {_movers(atoms, mode)}, which breaks "
        f"the symmetry, lowers the energy (curvature {curvature:.2g} eV/A^2). The constants are "
        "those of the symmetric structure; a real crystal would distort, or be held by heat.",
    )


def _movers(atoms: Atoms, mode: Array) -> str:
    """The elements that move most in a mode of norm 1."""
    sizes = np.linalg.norm(mode, axis=1)
    found = sorted({str(atoms.symbols[i]) for i in np.flatnonzero(sizes > 0.5 * sizes.max())})
    return " and ".join(found)


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
