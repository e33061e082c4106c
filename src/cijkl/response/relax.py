"""Relaxation of cell and ions, symmetry kept by construction, in few evaluations.

The search runs in the coordinates that the space group leaves free: strains and displacements that
every operation maps to themselves. For silicon that is one number, for corundum four. In them a
quasi-Newton method (BFGS within a trust radius) starts from the second derivatives of the spring
model of `springs`, which couples cell and ions and knows stiff bonds from soft contacts.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import Diagnostic
from cijkl.response.deformation import Group, deform, gradient, in_plane, mandel_to_matrix
from cijkl.response.springs import spring_hessian
from cijkl.units import EV_PER_A3_TO_GPA, GPA_TO_EV_PER_A3

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["RelaxSettings", "Relaxation", "relax"]

Array = NDArray[np.float64]

#: largest step: A an atom moves against the cell, and strain
_MAX_DISPLACEMENT = 0.25
_MAX_STRAIN = 0.04
#: relative noise of a single-precision energy, and its floor in eV for each atom
_ENERGY_NOISE = 3e-7
_ENERGY_FLOOR = 1e-6
#: volume, relative to the start, outside which a crystal has collapsed or fallen apart
_VOLUME_RANGE = (0.5, 2.0)
#: evaluations without progress after which the search starts afresh, and the second time ends
_PATIENCE = 20


@dataclass(frozen=True)
class RelaxSettings:
    """When a relaxation is done.

    Parameters
    ----------
    fmax
        Largest force component, eV/A.
    smax
        Largest deviation of a stress component from the target, GPa.
    pressure
        Hydrostatic pressure, GPa.
    max_steps
        Evaluations after which to give up.
    cell
        Whether the cell relaxes; if not, the ions alone.
    normal
        Unit vector (3) normal to a layer: the cell then relaxes within the layer only, and only
        stress within the layer counts. None for bulk crystals.
    """

    fmax: float = 3e-4
    smax: float = 0.01
    pressure: float = 0.0
    max_steps: int = 300
    cell: bool = True
    normal: tuple[float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class Relaxation:
    """What a relaxation ended with.

    Parameters
    ----------
    atoms
        The relaxed crystal, atoms in the order given.
    evaluation
        The potential's answer there.
    converged
        Whether force and stress criteria are met.
    fmax
        Largest force component left, eV/A.
    smax
        Largest stress component left, relative to the target pressure, GPa.
    asymmetry
        Largest force component that the group forbids, eV/A: not relaxed, and not counted in
        `fmax`. Potentials without mirror symmetry, or in single precision, leave some.
    steps
        Accepted steps.
    evaluations
        Calls of the potential.
    diagnostics
        What went wrong, if anything.
    """

    atoms: Atoms
    evaluation: Evaluation
    converged: bool
    fmax: float
    smax: float
    asymmetry: float
    steps: int
    evaluations: int
    diagnostics: tuple[Diagnostic, ...] = ()


def relax(
    atoms: Atoms, group: Group, settings: RelaxSettings | None = None
) -> Generator[list[Atoms], list[Evaluation], Relaxation]:
    """Relax one crystal: a coroutine that yields configurations and is sent their evaluations.

    Parameters
    ----------
    atoms
        The start, with the exact symmetry of `group`.
    group
        Operations to keep. `Group.trivial` keeps none.
    settings
        Convergence criteria.

    Returns
    -------
    The relaxation, converged or not; the diagnostics say why not.
    """
    settings = settings or RelaxSettings()
    start_volume = atoms.get_volume()
    free = _free_coordinates(atoms, group, settings)
    current, (evaluation,) = atoms, (yield [atoms])
    slope = _slope(current, evaluation, settings)
    hessian = free.T @ spring_hessian(atoms) @ free
    scaled, radius, steps, evaluations = False, 1.0, 0, 1
    best, since_best, restarted = np.inf, 0, False
    diagnostics: list[Diagnostic] = []

    while free.shape[1] and evaluations < settings.max_steps:
        fmax, smax = _residuals(free @ (free.T @ slope), current.get_volume())
        if fmax <= settings.fmax and smax <= settings.smax:
            break
        badness = max(fmax / settings.fmax, smax / settings.smax)
        since_best = 0 if badness < 0.98 * best else since_best + 1
        best = min(best, badness)
        if since_best > _PATIENCE:
            if restarted:
                diagnostics.append(_rough(fmax, smax))
                break
            hessian = free.T @ spring_hessian(current) @ free
            scaled, radius, since_best, restarted = False, 0.3, 0, True
        newton: Array = -np.linalg.solve(hessian, free.T @ slope).astype(np.float64)
        step = _limited(newton, free, radius)
        move = free @ step
        trial = deform(current, move[-6:], move[:-6].reshape(-1, 3))
        (answer,) = yield [trial]
        evaluations += 1
        trial_slope = _slope(trial, answer, settings)
        change = free.T @ (trial_slope - slope)
        if not scaled:
            hessian *= np.clip(step @ change / (step @ hessian @ step), 0.05, 20.0)
            scaled = True
        predicted = step @ (free.T @ slope) + 0.5 * step @ hessian @ step
        gained = _enthalpy(trial, answer, settings) - _enthalpy(current, evaluation, settings)
        hessian = _bfgs(hessian, step, change)
        noise = _ENERGY_NOISE * abs(evaluation.energy) + _ENERGY_FLOOR * len(atoms)
        if gained > noise and step @ (free.T @ trial_slope) > 0.0:
            radius = max(0.25 * min(radius, _length(move)), 1e-4)
            continue
        if gained < 0.5 * predicted and _length(move) > 0.8 * radius:
            radius = min(2.0 * radius, 1.0)
        current, evaluation, slope = trial, answer, trial_slope
        steps += 1
        ratio = current.get_volume() / start_volume
        if not _VOLUME_RANGE[0] < ratio < _VOLUME_RANGE[1]:
            diagnostics.append(_ran_away(ratio))
            break

    wanted = free @ (free.T @ slope)
    fmax, smax = _residuals(wanted, current.get_volume())
    converged = fmax <= settings.fmax and smax <= settings.smax
    if not converged and not diagnostics:
        diagnostics.append(_out_of_steps(evaluations, fmax, smax))
    asymmetry = float(np.abs(slope - wanted)[:-6].max(initial=0.0))
    return Relaxation(
        atoms=current,
        evaluation=evaluation,
        converged=converged,
        fmax=fmax,
        smax=smax,
        asymmetry=asymmetry,
        steps=steps,
        evaluations=evaluations,
        diagnostics=tuple(diagnostics),
    )


def _free_coordinates(atoms: Atoms, group: Group, settings: RelaxSettings) -> Array:
    """Orthonormal basis (3n + 6, d) of displacements and strains that the group leaves alone."""
    n = len(atoms)
    units = np.eye(3 * n).reshape(3 * n, n, 3)
    units = units - units.mean(1, keepdims=True)
    mean = np.zeros((3 * n, 3 * n))
    for index in range(group.order):
        operation = Group(group.rotations[index : index + 1], group.permutations[index : index + 1])
        mean += operation.on_ions(units)[0].reshape(3 * n, 3 * n)
    ions = _invariants(mean / group.order)
    strains = np.zeros((6, 0))
    if settings.cell:
        held = in_plane(settings.normal)
        strains = _invariants(held @ group.on_strain(np.eye(6)).mean(0) @ held)
    free = np.zeros((3 * n + 6, ions.shape[1] + strains.shape[1]))
    free[: 3 * n, : ions.shape[1]] = ions
    free[3 * n :, ions.shape[1] :] = strains
    return free


def _invariants(projector: Array) -> Array:
    """Orthonormal columns that span the range of a projector."""
    values, vectors = np.linalg.eigh(0.5 * (projector + projector.T))
    kept: Array = vectors[:, values > 0.5]
    return kept


def _slope(atoms: Atoms, evaluation: Evaluation, settings: RelaxSettings) -> Array:
    """Derivative of the enthalpy by displacement and strain, (3n + 6), eV/A and eV."""
    volume = atoms.get_volume()
    derivative = gradient(evaluation, np.zeros(6), volume)
    strain = derivative.strain.copy()
    strain[:3] += settings.pressure * GPA_TO_EV_PER_A3 * volume
    return np.concatenate([derivative.ions.ravel(), strain])


def _enthalpy(atoms: Atoms, evaluation: Evaluation, settings: RelaxSettings) -> float:
    work = settings.pressure * GPA_TO_EV_PER_A3 * atoms.get_volume()
    return float(evaluation.energy + work)


def _residuals(slope: Array, volume: float) -> tuple[float, float]:
    """Largest force (eV/A) and stress deviation (GPa) in the part of a slope that can relax."""
    fmax = float(np.abs(slope[:-6]).max(initial=0.0))
    return fmax, float(np.abs(mandel_to_matrix(slope[-6:])).max() / volume * EV_PER_A3_TO_GPA)


def _length(move: Array) -> float:
    """Size of a move relative to the largest one allowed."""
    displacement = np.linalg.norm(move[:-6].reshape(-1, 3), axis=1).max(initial=0.0)
    strain = np.abs(mandel_to_matrix(move[-6:])).max()
    return float(max(displacement / _MAX_DISPLACEMENT, strain / _MAX_STRAIN))


def _limited(step: Array, free: Array, radius: float) -> Array:
    length = _length(free @ step)
    return step if length <= radius else step * (radius / length)


def _bfgs(hessian: Array, step: Array, change: Array) -> Array:
    """BFGS update with Powell's damping, which keeps the matrix positive definite."""
    pushed = hessian @ step
    modelled = step @ pushed
    curvature = step @ change
    if curvature < 0.2 * modelled:
        weight = 0.8 * modelled / (modelled - curvature)
        change = weight * change + (1.0 - weight) * pushed
        curvature = step @ change
    updated: Array = (
        hessian + np.outer(change, change) / curvature - np.outer(pushed, pushed) / modelled
    )
    return updated


def _rough(fmax: float, smax: float) -> Diagnostic:
    return Diagnostic(
        "relaxation_stalled",
        f"The relaxation stopped making progress at {fmax:.2g} eV/A and {smax:.2g} GPa: the "
        "potential's surface is rough here; try another potential or looser criteria.",
    )


def _ran_away(ratio: float) -> Diagnostic:
    word = "collapsed" if ratio < 1.0 else "fell apart"
    return Diagnostic(
        "relaxation_ran_away",
        f"The crystal {word} while relaxing (volume {ratio:.2f} of the start): the potential does "
        "not hold this structure; check the input, or try another potential.",
    )


def _out_of_steps(evaluations: int, fmax: float, smax: float) -> Diagnostic:
    return Diagnostic(
        "relaxation_unconverged",
        f"Not relaxed after {evaluations} evaluations: {fmax:.2g} eV/A and {smax:.2g} GPa are "
        "left; allow more steps or looser criteria.",
    )
