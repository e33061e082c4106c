"""One crystal's way through `compute`: symmetry, relaxation, response, record."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from cijkl.elasticity import ElasticTensor
from cijkl.errors import Diagnostic, InputError
from cijkl.molecular import relaxation_facts
from cijkl.record import Engine, Result, failed_record, ok_record
from cijkl.response.batch import Clock
from cijkl.response.calibration import calibration_of
from cijkl.response.deformation import Group
from cijkl.response.dispersion import lacking_dispersion
from cijkl.response.drive import run
from cijkl.response.facts import response_facts
from cijkl.response.finite import FiniteSettings, finite_response
from cijkl.response.linear import LinearSettings, Response, linear_response
from cijkl.response.processors import threads_for
from cijkl.response.quasiharmonic import Expansion, ThermalSettings, expand, thermal_facts
from cijkl.response.relax import Relaxation, RelaxSettings, relax
from cijkl.response.stress import doubtful_stress, residual_stress
from cijkl.structures import (
    Crystal,
    Layer,
    check,
    is_molecular,
    layer,
    primitive,
    reduced_formula,
    symmetrise,
    symmetry,
)
from cijkl.structures.hydrogens import Hydrogens, complete

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation, Potential

__all__ = ["Algorithm", "ComputeSettings", "Progress", "algorithm", "compute_crystal", "given_up"]

T = TypeVar("T")
Algorithm = Generator[list["Atoms"], list["Evaluation"], T]
#: called with the crystal's id, the stage, an evaluation and the volume
Progress = Callable[[str, str, "Evaluation", float], None]

#: residuals above which a reference is no basis for derivatives: eV/A and GPa
_HOPELESS_FORCE = 0.05
_HOPELESS_STRESS = 1.0
#: asymmetric force above which the potential itself is doubted, eV/A
_ASYMMETRIC = 0.01
#: A between the layers of a layered crystal: vacuum beyond it dilutes the stress of a layer
_GAP = 3.4
#: warnings about empty space, which a layer is meant to have
_DOUBTS_OF_BULK = ("large_vacuum", "low_density")


@dataclass(frozen=True)
class ComputeSettings:
    """How `compute` works.

    Parameters
    ----------
    method
        ``linear`` response, or ``finite`` strains as an independent check.
    relax
        Convergence of the relaxation.
    linear, finite
        Steps of the two methods.
    symprec
        Tolerance of the symmetry search, A.
    bulk
        Whether a layer in vacuum, too, is relaxed and strained in all directions.
    hydrogens
        What is done with a molecular crystal that lacks hydrogen: ``refuse`` it, ``add`` what is
        missing, or ``keep`` it.
    thermal
        Temperature whose volume the crystal gets; None for the cell at rest.
    """

    method: Literal["linear", "finite"] = "linear"
    relax: RelaxSettings = field(default_factory=RelaxSettings)
    linear: LinearSettings = field(default_factory=LinearSettings)
    finite: FiniteSettings = field(default_factory=FiniteSettings)
    symprec: float = 1e-2
    bulk: bool = False
    hydrogens: Hydrogens = "refuse"
    thermal: ThermalSettings | None = None


def compute_crystal(
    crystal: Crystal,
    potential: Potential,
    settings: ComputeSettings | None = None,
    progress: Progress | None = None,
) -> Result:
    """`compute` for one crystal."""
    with threads_for(crystal.atoms):
        return run(algorithm(crystal, potential, settings, progress), potential)


def algorithm(
    crystal: Crystal,
    potential: Potential,
    settings: ComputeSettings | None = None,
    progress: Progress | None = None,
    clock: Clock = time.perf_counter,
) -> Algorithm[Result]:
    """`compute` for one crystal as a coroutine, for `run` or `lockstep`; it does not raise.

    Parameters
    ----------
    potential
        Named on the record; whoever drives the coroutine evaluates.
    clock
        Gives the seconds that go on the record.
    """
    return _Steps(crystal, potential, settings or ComputeSettings(), progress, clock).all()


def given_up(
    crystal: Crystal, reason: str, potential: Potential, settings: ComputeSettings
) -> Result:
    """Failed result of a crystal that could not be computed, with the reason."""
    return _Steps(crystal, potential, settings).failed(reason)


class _Steps:
    """What is known of one crystal while it is computed, so that a failure can report it."""

    def __init__(
        self,
        crystal: Crystal,
        potential: Potential,
        settings: ComputeSettings,
        progress: Progress | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.crystal, self.potential, self.settings = crystal, potential, settings
        self.progress, self.clock, self.begun = progress, clock, clock()
        self.notes: list[Diagnostic] = list(crystal.diagnostics)
        self.parts: dict[str, Any] = {}
        self.start: Atoms | None = None
        self.layer: Layer | None = None
        self.relaxed: Relaxation | None = None
        self.expansion: Expansion | None = None
        self.evaluations = 0

    def all(self) -> Algorithm[Result]:
        """From the crystal to its result, which is a failed one where anything goes wrong."""
        try:
            relaxation = yield from self._watched("relax", self.relax())
            self.refuse_if_hopeless(relaxation)
            if self.settings.thermal is not None:
                thermal = self.heat(relaxation, self.settings.thermal)
                relaxation = yield from self._watched("heat", thermal)
            response = yield from self._watched("response", self.respond(relaxation))
            return self.finished(response)
        except InputError as error:
            return self.failed(str(error))
        except Exception as error:
            # foreign code ran here (a calculator, a library): one crystal must not end the others
            reason = f"unexpected {type(error).__name__} while computing: {error}"
            return self.failed(" ".join(reason.split()))

    def _watched(self, stage: str, algorithm: Algorithm[T]) -> Algorithm[T]:
        """The same algorithm, counted and reported."""
        try:
            wanted = next(algorithm)
            while True:
                answers = yield wanted
                self.evaluations += len(answers)
                if self.progress is not None:
                    volume = float(wanted[-1].get_volume())
                    self.progress(self.crystal.id, stage, answers[-1], volume)
                wanted = algorithm.send(answers)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def relax(self) -> Algorithm[Relaxation]:
        """Symmetrise, reduce to the primitive cell, relax."""
        begun = self.clock()
        self.crystal = complete(self.crystal, self.settings.hydrogens)
        self.notes = list(self.crystal.diagnostics)
        self.notes += check(self.crystal.atoms)
        self.notes += lacking_dispersion(self.crystal.atoms, self.potential.name)
        found = symmetry(self.crystal.atoms, self.settings.symprec)
        self.notes += found.diagnostics
        cell = primitive(symmetrise(self.crystal.atoms, found), self.settings.symprec)
        inner = symmetry(cell, self.settings.symprec)
        self.start = symmetrise(cell, inner)
        self.group = Group(inner.rotations, inner.permutations)
        if not self.settings.bulk:
            self.layer = layer(self.start, inner)
        criteria = self.settings.relax
        if self.layer is not None:
            self._expect_a_layer()
            filled = min(1.0, (self.layer.thickness + _GAP) / self.layer.period)
            smax = criteria.smax * filled
            criteria = replace(criteria, smax=smax, normal=self.layer.normal)
        self.relaxed = yield from relax(self.start, self.group, criteria)
        self.notes += self.relaxed.diagnostics
        self.stress = residual_stress(self.relaxed.evaluation.stress, self.group, criteria.pressure)
        self.parts["relaxation"] = self._relaxation_facts(self.clock() - begun)
        return self.relaxed

    def heat(self, relaxation: Relaxation, settings: ThermalSettings) -> Algorithm[Relaxation]:
        """Give the relaxed crystal the volume of a temperature."""
        if self.layer is not None or not self.settings.relax.cell:
            raise InputError(
                "A temperature needs a crystal whose cell relaxes in all directions: leave the "
                "temperature, or the cell 'given', out; a layer can be treated as bulk."
            )
        begun = self.clock()
        criteria = self.settings.relax
        self.relaxed, found = yield from expand(relaxation, self.group, criteria, settings)
        self.expansion = found
        self.notes += found.diagnostics
        held = found.equilibrium.static_pressure
        self.stress = residual_stress(self.relaxed.evaluation.stress, self.group, held)
        seconds = self.parts["relaxation"]["seconds"] + self.clock() - begun
        self.parts["relaxation"] = self._relaxation_facts(seconds)
        self.parts["relaxation"]["thermal"] = thermal_facts(relaxation, settings, found)
        return self.relaxed

    def refuse_if_hopeless(self, relaxation: Relaxation) -> None:
        """Raise where the reference is so far from a minimum that no tensor has a meaning."""
        ran_away = [n for n in relaxation.diagnostics if n.code == "relaxation_ran_away"]
        if ran_away:
            raise InputError(ran_away[0].message)
        if relaxation.fmax > _HOPELESS_FORCE or relaxation.smax > _HOPELESS_STRESS:
            raise InputError(
                f"The relaxation left {relaxation.fmax:.2g} eV/A and {relaxation.smax:.2g} GPa: "
                "too far from a minimum for elastic constants. Try another potential."
            )

    def respond(self, relaxation: Relaxation) -> Algorithm[Response]:
        """The tensor at the relaxed structure; raises where that is no minimum."""
        begun = self.clock()
        if self.settings.method == "linear":
            response = yield from linear_response(
                relaxation.atoms,
                self.group,
                self.settings.linear,
                relaxation.evaluation.stress,
                self._normal(),
            )
        else:
            response = yield from finite_response(
                relaxation.atoms,
                self.group,
                self.settings.finite,
                relaxation.evaluation.stress,
                self._normal(),
            )
        if self.expansion is not None:
            # vibrations that depend on the volume alone resist the change of the volume alone
            stiffness = response.stiffness.copy()
            stiffness[:3, :3] += self.expansion.equilibrium.isothermal_term
            response = replace(response, stiffness=stiffness)
        self.parts["response"] = response_facts(response, self.clock() - begun)
        for note in response.diagnostics:
            if note.code == "negative_curvature":
                raise InputError(note.message)
        self.notes += response.diagnostics
        if not self.settings.relax.cell:
            doubt = doubtful_stress(self.stress, response.stiffness)
            self.notes += [doubt] if doubt else []
        return response

    def failed(self, error: str) -> Result:
        """Result with the reason and all that was found before it."""
        record = failed_record(
            self.crystal.id,
            self.crystal.source,
            error,
            self._engine(),
            formula=reduced_formula(self.crystal.atoms),
            warnings=self.notes,
            **self.parts,
        )
        return Result(record, None, self.relaxed.atoms if self.relaxed else None)

    def finished(self, response: Response) -> Result:
        """Result with the tensor."""
        assert self.relaxed is not None
        atoms, tensor = self.relaxed.atoms, ElasticTensor(response.stiffness)
        found = symmetry(atoms, self.settings.symprec)
        # a relaxed layer may be thicker, with too little vacuum left to be recognised again
        sheet = self.layer and (layer(atoms, found) or self.layer)
        record = ok_record(
            self.crystal.id,
            self.crystal.source,
            tensor,
            self._engine(),
            atoms=atoms,
            symmetry=found,
            formula=reduced_formula(atoms),
            warnings=self.notes,
            layer=sheet,
            uncertainty=self._expected(tensor),
            **self.parts,
        )
        return Result(record, tensor, atoms)

    def _expected(self, tensor: ElasticTensor) -> dict[str, Any] | None:
        """What DFT is expected to give; None outside what the calibration covers."""
        found = calibration_of(self.potential.name)
        held = self.settings.relax.pressure != 0.0 or not self.settings.relax.cell
        outside = self.layer is not None or held or self.expansion is not None
        if found is None or outside or not tensor.is_stable() or is_molecular(self.crystal.atoms):
            return None
        expected = found.expect(tensor.voigt)
        return {
            "reference": found.reference,
            "crystals": found.crystals,
            "level": expected.level,
            "K": {"value": expected.bulk, "range": list(expected.bulk_range)},
            "G": {"value": expected.shear, "range": list(expected.shear_range)},
            "C": expected.stiffness.tolist(),
        }

    def _normal(self) -> tuple[float, float, float] | None:
        return None if self.layer is None else self.layer.normal

    def _expect_a_layer(self) -> None:
        """Take back doubts that hold for bulk crystals only; refuse a pressure."""
        self.notes = [n for n in self.notes if n.code not in _DOUBTS_OF_BULK]
        if self.settings.relax.pressure:
            raise InputError(
                f"A pressure of {self.settings.relax.pressure:g} GPa was asked for, but the cell "
                "is a layer in vacuum, which takes none: leave the pressure out, or treat the "
                "cell as bulk."
            )

    def _engine(self) -> Engine:
        from cijkl import __version__

        settings = {**self.potential.settings, **asdict(self.settings), "cijkl": __version__}
        settings.pop("finite" if self.settings.method == "linear" else "linear")
        if self.settings.thermal is None:
            # settings name a result in a store: those of before the option stay what they were
            settings.pop("thermal")
        seconds = self.clock() - self.begun
        return Engine(
            self.potential.name, self.potential.version, settings, seconds, self.evaluations
        )

    def _relaxation_facts(self, seconds: float) -> dict[str, Any]:
        assert self.relaxed is not None
        assert self.start is not None
        run_, start = self.relaxed, self.start
        moved = run_.atoms.get_scaled_positions(wrap=False) - start.get_scaled_positions(wrap=False)
        displaced = (moved - moved.mean(0)) @ run_.atoms.cell.array
        if run_.asymmetry > _ASYMMETRIC:
            self.notes.append(_asymmetric(run_.asymmetry))
        facts = {
            "converged": run_.converged,
            "steps": run_.steps,
            "evaluations": run_.evaluations,
            "seconds": round(seconds, 3),
            "fmax": run_.fmax,
            "smax": run_.smax if self.settings.relax.cell else float(np.abs(self.stress).max()),
            "cell": "relaxed" if self.settings.relax.cell else "given",
            "pressure": self.settings.relax.pressure,
            "volume_change_percent": 100.0 * (run_.atoms.get_volume() / start.get_volume() - 1.0),
            "rmsd": float(np.sqrt((displaced**2).sum(1).mean())),
            "energy": run_.evaluation.energy,
            "residual_stress": self.stress.tolist(),
            "residual_pressure": -float(np.trace(self.stress)) / 3.0,
        }
        if is_molecular(start):
            facts |= relaxation_facts(self.crystal.atoms.cell.array, start, run_.atoms)
        return facts


def _asymmetric(force: float) -> Diagnostic:
    return Diagnostic(
        "asymmetric_potential",
        f"The potential breaks the crystal's symmetry by {force:.2g} eV/A; the tensor is averaged "
        "over the space group, and less certain than its error says.",
    )
