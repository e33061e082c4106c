"""What a potential that was tuned to molecular crystals has forgotten of inorganic ones.

    python benchmarks/molecular_forgetting.py --data inorganic_dft_frames.extxyz.xz \
        --count 300 --out forgetting.jsonl \
        --potential sevennet-l3i5 \
        distilled:src/cijkl/potentials/shipped/cijkl-mol-1/cijkl-mol-1.safetensors

Energies, forces and stresses of a seeded sample of frames against DFT, the same number of each set.
Energies are compared as they are: tuning left the scale of the network, which is that of the
labels. Answers are appended to a file, one line for each frame and potential; what is in it is not
asked again.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from cijkl.datasets.frames import Frame, read_frames
from cijkl.errors import InputError
from cijkl.potentials import load
from cijkl.units import EV_PER_A3_TO_GPA

#: frames that are asked at once
_BATCH = 8


def main() -> None:
    """Evaluate what is missing in the file, and print its table."""
    os.environ["OMP_NUM_THREADS"] = "1"
    options = arguments()
    frames = sampled(options.data, options.count, options.seed, options.max_atoms)
    for name in options.potential:
        evaluate(name, frames, options.out)
    print_table(frames, options.potential, answers(options.out))


def sampled(data: Path, count: int, seed: int, largest: int) -> dict[str, tuple[str, Frame]]:
    """Frames and their set by id, as many of each set."""
    sets: dict[str, list[Frame]] = {}
    for name, frame in zip(set_names(data), read_frames(data), strict=True):
        if isinstance(frame, Frame) and len(frame.atoms) <= largest:
            sets.setdefault(name, []).append(frame)
    chosen = {}
    for name, every in sets.items():
        order = np.random.default_rng(seed).permutation(len(every))[: count // len(sets)]
        chosen |= {f"{name}/{every[i].id}": (name, every[i]) for i in order}
    return chosen


def set_names(data: Path) -> Iterator[str]:
    """The set of each frame, from its comment."""
    opened = lzma.open if data.suffix == ".xz" else open
    with opened(data, "rt", encoding="utf-8") as file:
        for line in file:
            found = re.search(r"\bset=(\S+)", next(file))
            yield found.group(1) if found else "all"
            # the atoms of the frame
            next(islice(file, int(line) - 1, int(line)), None)


def evaluate(name: str, frames: dict[str, tuple[str, Frame]], out: Path) -> None:
    """Append the answers that the file does not have."""
    known = {row["frame"] for row in answers(out) if row["potential"] == name}
    left = [identity for identity in frames if identity not in known]
    potential = load(name) if left else None
    sys.modules["torch"].set_num_threads(1) if "torch" in sys.modules else None
    with out.open("a", encoding="utf-8") as file:
        for start in range(0, len(left), _BATCH):
            batch = left[start : start + _BATCH]
            assert potential is not None  # there is something left
            try:
                found = potential.evaluate([frames[identity][1].atoms for identity in batch])
            except InputError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            for identity, answer in zip(batch, found, strict=True):
                frame = frames[identity][1]
                row = {"potential": name, "frame": identity, "energy": answer.energy}
                row["forces"] = np.abs(answer.forces - frame.forces).mean()
                row["stress"] = EV_PER_A3_TO_GPA * np.abs(answer.stress - frame.stress).mean()
                file.write(json.dumps(row) + "\n")
            file.flush()


def answers(out: Path) -> list[dict[str, object]]:
    """What the file holds."""
    if not out.exists():
        return []
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def print_table(
    frames: dict[str, tuple[str, Frame]], names: list[str], rows: list[dict[str, object]]
) -> None:
    """Mean absolute errors of each set and of all, over frames that all potentials answered."""
    found = {
        name: {row["frame"]: row for row in rows if row["potential"] == name} for name in names
    }
    common = [i for i in frames if all(i in answered for answered in found.values())]
    print("| potential | set | frames | energy, meV/atom | forces, eV/A | stress, GPa |\n"
          "|---|---|---|---|---|---|")  # fmt: skip
    for name, answered in found.items():
        for part in (*dict.fromkeys(frames[i][0] for i in common), "all"):
            mine = [k for k, i in enumerate(common) if part in ("all", frames[i][0])]
            forces, stress = (
                float(np.mean([answered[common[k]][key] for k in mine]))
                for key in ("forces", "stress")
            )
            energy = np.mean([energy_error(frames[common[k]][1], answered[common[k]])
                              for k in mine])  # fmt: skip
            print(f"| {name.rpartition('/')[2]} | {part} | {len(mine)} | {energy:.1f} | "
                  f"{forces:.4f} | {stress:.3f} |")  # fmt: skip


def energy_error(frame: Frame, row: dict[str, object]) -> float:
    """Absolute error in meV for each atom."""
    return 1e3 * abs(float(row["energy"]) - frame.energy) / len(frame.atoms)


def arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="extxyz with labels of DFT")
    parser.add_argument("--potential", nargs="+", default=["sevennet-l3i5"])
    parser.add_argument("--count", type=int, default=300, help="frames in all")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--max-atoms", type=int, default=40)
    parser.add_argument("--out", type=Path, required=True, help="JSON Lines of answers")
    return parser.parse_args()


if __name__ == "__main__":
    main()
