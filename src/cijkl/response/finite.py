"""The relaxed-ion elastic tensor from finite strains: the independent check of `linear`.

Each strain of the minimal set is applied with both signs, the ions are relaxed in the strained
cell, and the stress differences give the tensor by least squares in its allowed form. All is done
again at twice the strain; the change is the error reported.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.errors import Diagnostic
from cijkl.response.deformation import Group, deform, matrix_to_mandel
from cijkl.response.linear import Response
from cijkl.response.relax import Relaxation, RelaxSettings, relax
from cijkl.response.strains import allowed_stiffnesses, fit_stiffness, minimal_strains
from cijkl.response.stress import antisymmetric_part
from cijkl.units import EV_PER_A3_TO_GPA

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["FiniteSettings", "finite_response"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FiniteSettings:
    """Size of the strains and quality of the relaxations.

    Parameters
    ----------
    strain_step
        Norm of the smaller strain (Mandel); the larger is twice that.
    fmax
        Largest force component left in a strained cell, eV/A.
    max_steps
        Evaluations for each strained cell.
    """

    strain_step: float = 4e-3
    fmax: float = 1e-4
    max_steps: int = 200


def finite_response(
    atoms: Atoms,
    group: Group,
    settings: FiniteSettings | None = None,
    stress: Array | None = None,
    normal: tuple[float, float, float] | None = None,
) -> Generator[list[Atoms], list[Evaluation], Response]:
    """Elastic tensor of a relaxed crystal: a coroutine that yields configurations to evaluate.

    Parameters
    ----------
    atoms
        Relaxed, with the exact symmetry of `group`.
    group
        Its space group.
    settings
        Strains and relaxation criteria.
    stress
        Cauchy stress (3, 3) of the reference, eV/A^3, tension positive; zero by default. Unless it
        is hydrostatic the derivative of the stress has an antisymmetric part, which is taken out.
    normal
        Unit vector normal to a layer: only strains within it are taken, and all constants that
        involve others are zero. None for bulk crystals.
    """
    settings = settings or FiniteSettings()
    basis = allowed_stiffnesses(group, normal)
    strains = minimal_strains(basis)
    skew = np.zeros((6, 6))
    if stress is not None:
        skew = antisymmetric_part(group.average_stress(stress)) * EV_PER_A3_TO_GPA
    single, double, runs = [], [], []
    for strain in strains:
        size = settings.strain_step * strain
        near = yield from _pair(atoms, group, size, None, settings)
        # the ions follow the strain almost linearly, so twice their shift is a good start
        far = yield from _pair(atoms, group, 2.0 * size, _shifts(atoms, near, size), settings)
        single.append(_slope(near, settings.strain_step) - skew @ strain)
        double.append(_slope(far, 2.0 * settings.strain_step) - skew @ strain)
        runs += [*near, *far]
    stiffness, misfit = fit_stiffness(basis, strains, np.array(single))
    doubled, _ = fit_stiffness(basis, strains, np.array(double))
    unfinished = [run for run in runs if not run.converged]
    return Response(
        stiffness=mandel_to_voigt(stiffness),
        error=mandel_to_voigt(np.abs(stiffness - doubled)),
        method="finite",
        strains=len(strains),
        iterations=sum(run.steps for run in runs),
        evaluations=sum(run.evaluations for run in runs),
        converged=not unfinished,
        asymmetry=misfit,
        diagnostics=(_unconverged(len(unfinished), len(runs), unfinished),) if unfinished else (),
    )


def _pair(
    atoms: Atoms,
    group: Group,
    strain: Array,
    shift: Array | None,
    settings: FiniteSettings,
) -> Generator[list[Atoms], list[Evaluation], tuple[Relaxation, Relaxation]]:
    """The crystal relaxed at plus and minus a strain, ions only."""
    kept = group.stabiliser(strain)
    criteria = RelaxSettings(fmax=settings.fmax, max_steps=settings.max_steps, cell=False)
    start = np.zeros((len(atoms), 3)) if shift is None else shift
    plus = yield from relax(deform(atoms, strain, start), kept, criteria)
    mirrored = -_shift(atoms, plus.atoms, strain)
    minus = yield from relax(deform(atoms, -strain, mirrored), kept, criteria)
    return plus, minus


def _shift(atoms: Atoms, strained: Atoms, strain: Array) -> Array:
    """Ionic displacement (n, 3) in the undeformed frame."""
    carried = deform(atoms, strain, np.zeros((len(atoms), 3)))
    moved = strained.get_scaled_positions(wrap=False) - carried.get_scaled_positions(wrap=False)
    displacement: Array = moved @ atoms.cell.array
    return displacement


def _shifts(atoms: Atoms, pair: tuple[Relaxation, Relaxation], strain: Array) -> Array:
    """Displacement for twice the strain, from the part that is odd in it."""
    plus, minus = _shift(atoms, pair[0].atoms, strain), _shift(atoms, pair[1].atoms, -strain)
    return plus - minus


def _slope(pair: tuple[Relaxation, Relaxation], step: float) -> Array:
    """Stress over strain, Mandel (6), GPa."""
    difference = pair[0].evaluation.stress - pair[1].evaluation.stress
    return matrix_to_mandel(difference) * (EV_PER_A3_TO_GPA / (2.0 * step))


def _unconverged(unfinished: int, total: int, runs: list[Relaxation]) -> Diagnostic:
    worst = max(run.fmax for run in runs)
    return Diagnostic(
        "response_unconverged",
        f"{unfinished} of {total} strained cells did not relax (up to {worst:.2g} eV/A is left); "
        "allow more steps or looser criteria.",
    )
