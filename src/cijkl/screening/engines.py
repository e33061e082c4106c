"""What a screening runs on its workers: the learned model, or relaxation and linear response."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from cijkl.errors import InputError
from cijkl.models.catalogue import DEFAULT_MODEL
from cijkl.structures.hydrogens import Hydrogens, check_choice

if TYPE_CHECKING:
    from cijkl.record import Result
    from cijkl.response.choice import Choice
    from cijkl.structures import Crystal

__all__ = ["Compute", "Engine", "Identity", "Predict"]


@dataclass(frozen=True)
class Identity:
    """Which numbers an engine gives: results of two that are equal in it are the same.

    Parameters
    ----------
    name
        Of the model or potential.
    version
        Package and version that do the work.
    settings
        All that changes the numbers.
    """

    name: str
    version: str
    settings: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Hash of version and settings, 16 hexadecimal digits."""
        return hashlib.blake2b(self.details.encode(), digest_size=8).hexdigest()

    @property
    def details(self) -> str:
        """Version and settings as JSON."""
        content = {"version": self.version, **self.settings}
        return json.dumps(content, sort_keys=True, default=str)

    @property
    def versions(self) -> str:
        """Of what works here besides, as JSON."""
        from cijkl import __version__

        return json.dumps({"cijkl": __version__, "python": platform.python_version()})


class Engine(Protocol):
    """What workers run; it is sent to them, so it holds only how to begin.

    Attributes
    ----------
    atoms, crystals
        A batch is complete with so many.
    """

    atoms: int
    crystals: int

    def identity(self) -> Identity:
        """Which numbers it gives; also loads what it needs, so that a worker is ready.

        Raises
        ------
        CijklError
            It cannot work: an unknown name, or a package that is missing.
        """
        ...

    def results(self, crystals: Sequence[Crystal]) -> list[Result]:
        """One result for each crystal, in order."""
        ...


@dataclass(frozen=True)
class Predict:
    """The learned model; see `cijkl.predict`.

    Parameters
    ----------
    model
        A name or path that `cijkl.models.load_model` knows.
    symprec
        Tolerance of the symmetry search, A.
    hydrogens
        What is done with a molecular crystal that lacks hydrogen, see `cijkl.predict`.
    atoms, crystals
        Size of a batch.
    """

    model: str = DEFAULT_MODEL
    symprec: float = 1e-2
    hydrogens: Hydrogens = "refuse"
    atoms: int = 2_000
    crystals: int = 128

    def __post_init__(self) -> None:
        check_choice(self.hydrogens)
        if not self.symprec > 0.0:
            raise InputError(f"symprec must be a positive length in A, not {self.symprec!r}")

    def identity(self) -> Identity:
        """The model's name, version and settings."""
        route = self._route()
        return Identity(route.model.name, route.version, route.settings)

    def results(self, crystals: Sequence[Crystal]) -> list[Result]:
        """Predictions, made together: their digits depend on which crystals that are."""
        route = self._route()
        return list(route.answers([route.prepared(crystal) for crystal in crystals]))

    def _route(self) -> Any:
        from cijkl.models import load_model
        from cijkl.models.prediction import Route

        return Route(load_model(self.model), self.symprec, self.hydrogens)


@dataclass(frozen=True)
class Compute:
    """An interatomic potential; see `cijkl.compute` for what is not explained here.

    Parameters
    ----------
    potential
        A name, or ``auto``.
    atoms, crystals
        Size of a batch, which takes minutes at most.
    """

    potential: str = "auto"
    cell: Literal["auto", "relaxed", "given"] = "auto"
    method: Literal["linear", "finite"] = "linear"
    fmax: float = 3e-4
    pressure: float = 0.0
    symprec: float = 1e-2
    bulk: bool = False
    hydrogens: Hydrogens = "refuse"
    precision: Literal["single", "double"] = "single"
    atoms: int = 16
    crystals: int = 4

    def __post_init__(self) -> None:
        check_choice(self.hydrogens)
        if self.method not in ("linear", "finite"):
            raise InputError(f"method must be 'linear' or 'finite', not {self.method!r}")
        if not self.fmax > 0.0:
            raise InputError(f"fmax must be a positive force in eV/A, not {self.fmax!r}")

    def identity(self) -> Identity:
        """The potential's name and version, and all settings."""
        from cijkl import __version__
        from cijkl.response.choice import DEFAULT_POTENTIAL, MOLECULAR_POTENTIAL

        choice = self._choice()
        settings = asdict(self)
        # how many crystals are sent together changes nothing
        for name in ("atoms", "crystals"):
            del settings[name]
        if choice.open:
            used = [DEFAULT_POTENTIAL, MOLECULAR_POTENTIAL]
            potential = choice.load(DEFAULT_POTENTIAL)
            settings |= {"potentials": used, "cijkl": __version__}
            return Identity(self.potential, potential.version, settings)
        potential = choice.load()
        settings |= {**potential.settings, "cijkl": __version__}
        return Identity(potential.name, potential.version, settings)

    def results(self, crystals: Sequence[Crystal]) -> list[Result]:
        """Each crystal by itself."""
        choice = self._choice()
        return [choice.compute(crystal) for crystal in crystals]

    def _choice(self) -> Choice:
        from cijkl.response import ComputeSettings, RelaxSettings
        from cijkl.response.choice import Choice

        settings = ComputeSettings(
            method=self.method,
            relax=RelaxSettings(fmax=self.fmax, pressure=self.pressure),
            symprec=self.symprec,
            bulk=self.bulk,
            hydrogens=self.hydrogens,
        )
        return Choice(self.potential, self.cell, self.precision, settings)


def local_model(name: str) -> str:
    """A model's path as workers in other folders find it; a name as it is."""
    path = Path(name).expanduser()
    return str(path.resolve()) if path.exists() else name
