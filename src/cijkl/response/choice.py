"""Which potential computes a crystal, and in which cell, where the user leaves that open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from cijkl.errors import CijklError, InputError, MissingPackageError
from cijkl.response.processors import processor_seconds
from cijkl.response.single import (
    Algorithm,
    ComputeSettings,
    Progress,
    algorithm,
    compute_crystal,
    given_up,
)
from cijkl.structures import is_molecular

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cijkl.potentials import Evaluation, Potential
    from cijkl.record import Result
    from cijkl.response.batch import Clock
    from cijkl.structures import Crystal

__all__ = [
    "AUTO",
    "DEFAULT_POTENTIAL",
    "MOLECULAR_CELL",
    "MOLECULAR_POTENTIAL",
    "CellChoice",
    "Choice",
    "Precision",
    "Unloaded",
]

CellChoice = Literal["auto", "relaxed", "given"]
Precision = Literal["single", "double"]

#: leaves potential or cell to be chosen by the crystal
AUTO: Literal["auto"] = "auto"
#: the potential of crystals that are not molecular
DEFAULT_POTENTIAL = "sevennet-l3i5"
#: potential and cell of molecular crystals, which dispersion holds together
MOLECULAR_POTENTIAL = "cijkl-mol-1"
MOLECULAR_CELL: Literal["relaxed", "given"] = "relaxed"

#: how `cijkl.potentials.load` calls a precision
_DTYPES: dict[Precision, str] = {"single": "float32", "double": "float64"}


@dataclass
class Choice:
    """What a user asked for, and what that means for each crystal.

    Parameters
    ----------
    potential
        A name, ``auto``, or a potential.
    cell
        ``relaxed``, ``given`` or ``auto``.
    precision
        Of the numbers inside a potential that is given by name; None for the usual one.
    settings
        All else; its cell is replaced by what is chosen.
    """

    potential: str | Potential
    cell: CellChoice
    precision: Precision | None
    settings: ComputeSettings
    #: seconds of processor time that loading potentials took
    loading: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        if self.cell not in (AUTO, "relaxed", "given"):
            raise InputError(f"cell must be 'auto', 'relaxed' or 'given', not {self.cell!r}")
        if self.precision not in (None, *_DTYPES):
            raise InputError(f"precision must be 'single' or 'double', not {self.precision!r}")
        if self.cell == "given" and self.settings.relax.pressure:
            raise InputError(
                f"A pressure of {self.settings.relax.pressure:g} GPa needs a cell that relaxes: "
                "leave out the pressure, or the cell 'given'."
            )

    @property
    def open(self) -> bool:
        """Whether crystals may get different potentials."""
        return isinstance(self.potential, str) and self.potential == AUTO

    def name_for(self, crystal: Crystal) -> str:
        """Name of the crystal's potential, where that is open."""
        return MOLECULAR_POTENTIAL if _molecular(crystal) else DEFAULT_POTENTIAL

    def settings_for(self, crystal: Crystal) -> ComputeSettings:
        """The settings with the crystal's cell."""
        cell = self.cell
        if cell == AUTO:
            free = self.settings.relax.pressure or not _molecular(crystal)
            cell = "relaxed" if free else MOLECULAR_CELL
        relax = replace(self.settings.relax, cell=cell == "relaxed")
        return replace(self.settings, relax=relax)

    def load(self, name: str | None = None) -> Potential:
        """The potential of that name, or the one that was asked for.

        Raises
        ------
        InputError
            Unknown name, or a potential without the precision asked for.
        MissingPackageError
            A package that it needs is not installed.
        """
        begun = processor_seconds()
        try:
            return _loaded(name or self.potential, self.precision)
        finally:
            self.loading += processor_seconds() - begun

    def compute(self, crystal: Crystal, progress: Progress | None = None) -> Result:
        """The crystal's result; a failed one where its potential cannot be loaded."""
        settings = self.settings_for(crystal)
        potential = self._potential_for(crystal)
        if isinstance(potential, Unloaded):
            return given_up(crystal, potential.reason, potential, settings)
        return compute_crystal(crystal, potential, settings, progress)

    def algorithm(
        self, crystal: Crystal, progress: Progress | None, clock: Clock
    ) -> Algorithm[Result]:
        """`compute` as a coroutine, for `lockstep` with the potential of the crystal."""
        settings = self.settings_for(crystal)
        potential = self._potential_for(crystal)
        if isinstance(potential, Unloaded):
            return given_up(crystal, potential.reason, potential, settings)
        result = yield from algorithm(crystal, potential, settings, progress, clock)
        return result

    def give_up(self, crystal: Crystal, reason: str) -> Result:
        """Failed result of a crystal with the reason."""
        return given_up(crystal, reason, self._potential_for(crystal), self.settings_for(crystal))

    def _potential_for(self, crystal: Crystal) -> Potential:
        return self.load_or_tell(self.name_for(crystal)) if self.open else self.load()

    def load_or_tell(self, name: str) -> Potential:
        """As `load`; where that fails, what tells of it on the record."""
        try:
            return self.load(name)
        except CijklError as error:
            return Unloaded(name, _why(name, error))


class Unloaded:
    """Stands on the record for a potential that could not be loaded.

    Parameters
    ----------
    name
        Of the potential.
    reason
        One line.
    """

    version = "not installed"

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        self.settings: Mapping[str, str] = {}

    def evaluate(self, structures: object) -> list[Evaluation]:
        """There is nothing to ask.

        Raises
        ------
        InputError
            Always, with the reason.
        """
        raise InputError(self.reason)


def _why(name: str, error: CijklError) -> str:
    text = str(error)
    if isinstance(error, MissingPackageError) and name == MOLECULAR_POTENTIAL:
        # without dispersion the answer would be wrong, not just less good
        return f"A molecular crystal is computed with {name} unless a potential is named: {text}"
    return text


def _molecular(crystal: Crystal) -> bool:
    try:
        return is_molecular(crystal.atoms)
    except Exception:
        # what is wrong with the crystal is said where it is checked
        return False


def _loaded(potential: str | Potential, precision: Precision | None) -> Potential:
    """The potential in the precision asked for; raises where it cannot be had or told."""
    from cijkl.potentials import load
    from cijkl.potentials.catalogue import BUILT_IN
    from cijkl.potentials.registry import names, split_sum

    if not isinstance(potential, str):
        if precision is not None:
            raise InputError(
                f"precision={precision!r} is for a potential given by name; "
                f"load(name, dtype={_DTYPES[precision]!r}) gives one in that precision"
            )
        return potential
    dtype = _DTYPES[precision or "single"]
    model = load(potential, dtype=dtype)
    if precision == "double":
        for part in split_sum(potential, names()):
            # of those that come with cijkl, all that have the choice say what they compute in
            silent = dtype if part.partition(":")[0] in BUILT_IN else "unknown"
            if load(part, dtype=dtype).settings.get("dtype", silent) != dtype:
                raise InputError(f"'{part}' has no double precision; leave the precision out")
    return model
