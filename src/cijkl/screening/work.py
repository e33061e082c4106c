"""What a worker does with a batch of crystals; it knows nothing but what it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from cijkl.screening.columns import result_row
from cijkl.screening.fingerprint import profile, same
from cijkl.screening.isometry import isometric
from cijkl.screening.outcome import Known, Link, Outcome
from cijkl.screening.packing import pack, pack_atoms, unpack_atoms
from cijkl.structures import Crystal, density, reduced_formula, symmetry

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.record import Result
    from cijkl.screening.engines import Engine

__all__ = ["Item", "answer", "crystal_row"]


@dataclass(frozen=True, eq=False)
class Item:
    """An input for a worker.

    Parameters
    ----------
    crystal
        What was read.
    digest
        Of its numbers.
    alike
        Crystals of the store that it could be the same as.
    fingerprint
        Where it is known already: with another engine, say.
    """

    crystal: Crystal
    digest: str
    alike: tuple[Known, ...] = ()
    fingerprint: str | None = None

    @cached_property
    def facts(self) -> tuple[str, float, float]:
        """Reduced formula, volume (A^3) and mass (amu) per atom."""
        atoms = self.crystal.atoms
        volume = float(atoms.get_volume()) / len(atoms)
        return reduced_formula(atoms), volume, float(atoms.get_masses().mean())

    @property
    def link(self) -> Link:
        """The input."""
        crystal = self.crystal
        return Link(crystal.id, crystal.source, self.digest, dict(crystal.columns))


def answer(engine: Engine, items: Sequence[Item]) -> list[Outcome]:
    """What becomes of each input of a batch, in order.

    Those that are the same as a crystal of the store are not computed.
    """
    outcomes: list[Outcome | None] = []
    todo: list[tuple[Item, str]] = []
    for item in items:
        name, found = item.fingerprint, False
        if name is None:
            name, found = _named(item.crystal.atoms, item.alike)
        if found:
            outcomes.append(Outcome(item.link, "same", name))
        else:
            outcomes.append(None)
            todo.append((item, name))
    results = engine.results([item.crystal for item, _ in todo]) if todo else []
    made = iter(
        _outcome(item, fingerprint, result)
        for (item, fingerprint), result in zip(todo, results, strict=True)
    )
    return [next(made) if outcome is None else outcome for outcome in outcomes]


def crystal_row(crystal: Crystal, fingerprint: str) -> dict[str, Any]:
    """Columns of a crystal that need no search for its symmetry."""
    atoms = crystal.atoms
    volume = float(atoms.get_volume())
    return {
        "fingerprint": fingerprint,
        "id": crystal.id,
        "formula": reduced_formula(atoms),
        "source": crystal.source,
        "natoms": len(atoms),
        "volume": volume,
        "volume_per_atom": volume / len(atoms),
        "mass_per_atom": float(atoms.get_masses().mean()),
        "density": density(atoms),
        "structure": pack_atoms(atoms),
    }


def _named(atoms: Atoms, alike: Sequence[Known]) -> tuple[str, bool]:
    """Name of a crystal, and whether it is one of the store."""
    own = profile(atoms)
    for known in alike:
        other = unpack_atoms(known.structure)
        if same(own, profile(other)) and isometric(atoms, other):
            return known.fingerprint, True
    # layers in another order can have the same distances to near neighbours
    taken = {known.fingerprint for known in alike}
    names = chain([own.fingerprint], (f"{own.fingerprint}-{n}" for n in count(2)))
    return next(name for name in names if name not in taken), False


def _outcome(item: Item, fingerprint: str, result: Result) -> Outcome:
    record: Any = result.record
    crystal = crystal_row(item.crystal, fingerprint)
    facts = record["structure"]
    if facts is None:
        facts = _symmetry_facts(item.crystal.atoms)
    crystal |= {name: facts[name] for name in ("spacegroup", "spacegroup_symbol", "crystal_system")}
    if not result.ok:
        return Outcome(
            item.link, "failure", fingerprint, crystal, None, pack(record), record["error"]
        )
    row = result_row(record)
    row["seconds"], row["evaluations"] = (
        record["engine"]["seconds"],
        record["engine"]["evaluations"],
    )
    return Outcome(item.link, "result", fingerprint, crystal, row, pack(record))


def _symmetry_facts(atoms: Atoms) -> dict[str, Any]:
    """Space group of a crystal without a result; nothing where that fails too."""
    try:
        found = symmetry(atoms)
    except Exception:
        # whatever made the crystal fail may make this fail
        return dict.fromkeys(("spacegroup", "spacegroup_symbol", "crystal_system"))
    return {
        "spacegroup": found.number,
        "spacegroup_symbol": found.symbol,
        "crystal_system": found.crystal_system,
    }
