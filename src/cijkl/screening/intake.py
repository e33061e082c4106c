"""Inputs on their way to work: which are known, which wait for another, which form a batch.

What forms a batch depends on the inputs alone, not on what is done already or on who is faster: the
last digits of predictions depend on the crystals that are predicted together, and so a screening
that was interrupted ends with the same numbers as one that was not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from cijkl.screening.counts import Counts
from cijkl.screening.engines import Engine, Identity
from cijkl.screening.fingerprint import VOLUME, digest
from cijkl.screening.in_order import InOrder
from cijkl.screening.outcome import Link, Outcome
from cijkl.screening.pending import Pending
from cijkl.screening.store import Store
from cijkl.screening.work import Item
from cijkl.structures import Crystal, Unreadable

__all__ = ["NAMELESS", "Intake", "Unit"]

#: before the digest of what has no fingerprint
NAMELESS = "digest-"


@dataclass(frozen=True, eq=False)
class Unit:
    """A batch with its number."""

    number: int
    items: Sequence[Item]


@dataclass(eq=False)
class _Held:
    """An input that waits until others are in the store."""

    unit: int
    item: Item
    waits: set[int] = field(default_factory=set)


class Intake:
    """Sorts inputs.

    Parameters
    ----------
    crystals
        Taken a batch at a time.
    condition
        What results must meet to be kept, as the store notes it.
    order
        Notes the inputs, where somebody wants their records in order.
    """

    def __init__(
        self,
        crystals: Iterator[Crystal | Unreadable],
        store: Store,
        engine: Engine,
        identity: Identity,
        condition: str,
        counts: Counts,
        order: InOrder | None = None,
    ) -> None:
        self._crystals, self._store, self._engine = crystals, store, engine
        self._identity, self._condition, self._counts = identity, condition, counts
        self._order = order
        self._pending = Pending()
        self._held: list[_Held] = []
        self._ready: list[_Held] = []
        self._units = 0
        #: whether all inputs are read
        self.ended = False
        #: inputs that turned out to be crystals of the store, and those that could not be read;
        #: to be committed
        self.links: list[tuple[Link, str]] = []
        self.unreadable: list[Outcome] = []

    @property
    def held(self) -> int:
        """How many wait."""
        return len(self._held) + len(self._ready)

    def next(self) -> list[Unit]:
        """Read a batch and give what of it is to be computed.

        That is the rest of the batch and, each by itself, what could be a crystal of the store.
        """
        found: list[tuple[Crystal | Unreadable, str]] = []
        atoms = 0
        while atoms < self._engine.atoms and len(found) < self._engine.crystals:
            crystal = next(self._crystals, None)
            if crystal is None:
                self.ended = True
                break
            if isinstance(crystal, Crystal):
                atoms += len(crystal.atoms)
            found.append((crystal, _digest(crystal)))
        self._counts.inputs += len(found)
        if self._order is not None:
            self._order.note([(name, each.id, each.source) for each, name in found])
        self._refuse([(each, name) for each, name in found if isinstance(each, Unreadable)])
        items = [Item(each, name) for each, name in found if isinstance(each, Crystal)]
        batch = self._number()
        return self._sorted(items, batch)

    def committed(self, units: Sequence[int]) -> None:
        """Batches are in the store: what waited for them is ready."""
        for unit in units:
            self._pending.remove(unit)
        for held in self._held:
            held.waits.difference_update(units)
        self._ready += [held for held in self._held if not held.waits]
        self._held = [held for held in self._held if held.waits]

    def ready(self) -> list[Unit]:
        """Crystals that had to wait, by themselves."""
        units: list[Unit] = []
        if not self._ready:
            return units
        waiting, self._ready = self._ready, []
        looked_up = self._looked_up([held.item for held in waiting])
        resolved = []
        for held, item in zip(waiting, looked_up, strict=True):
            if item is None:
                resolved.append(held.unit)
            else:
                units.append(Unit(held.unit, [item]))
        if resolved:
            self.committed(resolved)
        return units

    def stop(self) -> None:
        """Forget what waits, and read no more."""
        self._held, self._ready, self.ended = [], [], True

    def _number(self) -> int:
        self._units += 1
        return self._units

    def _sorted(self, items: Sequence[Item], batch: int) -> list[Unit]:
        """Items that must be computed: the batch, and those like one of the store by themselves."""
        free: list[Item] = []
        for item in items:
            before = self._pending.alike(*item.facts)
            unit = self._number() if before else batch
            self._pending.add(unit, *item.facts)
            if before:
                self._held.append(_Held(unit, item, before))
            else:
                free.append(item)
        together: list[Item] = []
        alone: list[Unit] = []
        for found in self._looked_up(free):
            if found is None or self._waits_by_name(found, batch):
                continue
            if found.alike:
                unit = self._number()
                self._pending.add(unit, *found.facts)
                alone.append(Unit(unit, [found]))
            else:
                together.append(found)
        if together:
            return [Unit(batch, together), *alone]
        # nobody will say that an empty batch is in the store
        self.committed([batch])
        return alone

    def _waits_by_name(self, item: Item, batch: int) -> bool:
        """Whether the crystal is at work already, for another input."""
        if item.fingerprint is None:
            return False
        before = self._pending.named(item.fingerprint)
        if before is None:
            self._pending.add_named(batch, item.fingerprint)
            return False
        self._held.append(_Held(self._number(), item, {before}))
        return True

    def _looked_up(self, items: Sequence[Item]) -> list[Item | None]:
        """Items with what the store knows of them; None where nothing is left to do."""
        known = self._store.known([(item.digest, item.crystal.id) for item in items])
        names = [name for name, _ in known.values()]
        done = self._store.done(names, self._identity, self._condition)
        missing = [name for name in names if name not in done and not name.startswith(NAMELESS)]
        first = self._store.representatives(missing)
        new = [item for item in items if item.digest not in known]
        alike = self._store.alike([(item.digest, *item.facts[:2]) for item in new], VOLUME)
        found: list[Item | None] = []
        for item in items:
            if item.digest not in known:
                found.append(replace(item, alike=tuple(alike.get(item.digest, ()))))
                continue
            name, linked = known[item.digest]
            if not linked:
                self.links.append((item.link, name))
            if name in done:
                self._counts.known += linked
                self._counts.duplicates += not linked
                found.append(None)
            elif name in first and first[name].id != item.crystal.id:
                # the tensor of a crystal is in the axes in which the store holds it
                crystal = first[name]
                found.append(Item(crystal, digest(crystal.atoms), (), name))
            else:
                found.append(replace(item, fingerprint=name if name in first else None))
        return found

    def _refuse(self, unread: Sequence[tuple[Unreadable, str]]) -> None:
        """Note inputs without a crystal as failures, unless the store has them."""
        failures = [
            Outcome(
                Link(each.id, each.source, name, {}), "failure", NAMELESS + name, reason=each.error
            )
            for each, name in unread
        ]
        names = [failure.fingerprint for failure in failures]
        done = self._store.done(names, self._identity, self._condition)
        self._counts.known += len(done)
        self.unreadable += [each for each in failures if each.fingerprint not in done]


def _digest(item: Crystal | Unreadable) -> str:
    """Name of an input's numbers or, if it has none, of what is known of it."""
    if isinstance(item, Crystal):
        return digest(item.atoms)
    text = f"{item.id}\0{item.error}".encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text, digest_size=12).hexdigest()
