"""A teacher's labels, kept on disk: each structure is asked once, whatever is interrupted."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import Evaluation, EvaluationError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Potential

__all__ = ["LabelStore", "structure_key", "teacher_key"]

#: settings of a potential that change its speed and the last digit only
_WHERE = ("device", "torch")
#: structures that a teacher is asked for at a time; each batch is written at once
BATCH = 16


class LabelStore:
    """Answers of potentials, by structure, in one file.

    Any number of processes may use it at the same time.

    Parameters
    ----------
    path
        The file; it and its folder are created if need be.
    """

    def __init__(self, path: str | Path) -> None:
        path = Path(path).expanduser()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = sqlite3.connect(path, timeout=60.0)
            with self._file:
                self._file.execute(
                    "CREATE TABLE IF NOT EXISTS labels (teacher TEXT, structure TEXT, energy REAL, "
                    "rest BLOB, PRIMARY KEY (teacher, structure))"
                )
        except sqlite3.DatabaseError as error:
            raise InputError(f"{path}: no store of labels: {error}") from None

    def close(self) -> None:
        """Leave the file."""
        self._file.close()

    def label(
        self,
        potential: Potential,
        structures: Sequence[Atoms],
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Evaluation | str]:
        """Give what a potential says of structures, in order; it is asked for what is missing.

        Parameters
        ----------
        potential
            Any; its name, version and settings say whether answers are still its own.
        structures
            Crystals.
        progress
            Called with the number of labels that are there and of all.

        Returns
        -------
        For each structure the labels, or the reason why there are none.
        """
        teacher = teacher_key(potential)
        keys = [structure_key(atoms) for atoms in structures]
        found: dict[str, Evaluation | str] = {
            key: answer for key in set(keys) if (answer := self._read(teacher, key))
        }
        missing = list(
            {k: a for k, a in zip(keys, structures, strict=True) if k not in found}.items()
        )
        # of similar size, so that a batch fills the passes of a network evenly
        missing.sort(key=lambda item: len(item[1]))
        for start in range(0, len(missing), BATCH):
            part = missing[start : start + BATCH]
            answers = _ask(potential, [atoms for _, atoms in part])
            new = {key: answer for (key, _), answer in zip(part, answers, strict=True)}
            self._write(teacher, new)
            found |= new
            if progress is not None:
                progress(len(found), len(found) + len(missing) - start - len(part))
        return [found[key] for key in keys]

    def _read(self, teacher: str, structure: str) -> Evaluation | None:
        row = self._file.execute(
            "SELECT energy, rest FROM labels WHERE teacher = ? AND structure = ?",
            (teacher, structure),
        ).fetchone()
        if row is None:
            return None
        energy, rest = row
        numbers = np.frombuffer(rest, dtype="<f8").reshape(-1, 3).astype(float)
        return Evaluation(float(energy), numbers[:-3], numbers[-3:])

    def _write(self, teacher: str, answers: dict[str, Evaluation | str]) -> None:
        # reasons are not kept: a teacher behind a network may answer the next time
        rows = [
            (
                teacher,
                key,
                answer.energy,
                np.concatenate([answer.forces, answer.stress]).astype("<f8").tobytes(),
            )
            for key, answer in answers.items()
            if not isinstance(answer, str)
        ]
        with self._file:
            self._file.executemany("INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?)", rows)


def structure_key(atoms: Atoms) -> str:
    """Digest of elements, cell and positions, to the last bit."""
    digest = hashlib.sha256()
    for array in (atoms.numbers.astype("<i8"), atoms.cell.array, atoms.positions):
        digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def teacher_key(potential: Potential) -> str:
    """Digest of a potential's name, version and settings, without where it computes."""
    settings = {
        key: value
        for key, value in potential.settings.items()
        if key.rpartition(".")[2] not in _WHERE
    }
    text = json.dumps([potential.name, potential.version, settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _ask(potential: Potential, structures: Sequence[Atoms]) -> list[Evaluation | str]:
    """Answers of one batch; one structure that fails does not disturb the others."""
    answers: list[Evaluation | str] = [""] * len(structures)
    left = list(range(len(structures)))
    while left:
        try:
            found = potential.evaluate([structures[i] for i in left])
        except EvaluationError as error:
            answers[left.pop(error.index)] = str(error)
        else:
            for i, answer in zip(left, found, strict=True):
                answers[i] = answer
            break
    return answers
