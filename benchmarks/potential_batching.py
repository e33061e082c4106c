"""Time of one evaluation: a potential's own ASE calculator, ours one by one, ours in batches.

    python benchmarks/potential_batching.py [--potentials sevennet-0,chgnet] [--copies 16]

Prints milliseconds for each crystal and the ratios to the potential's own calculator; above 1
is faster than it. Threads as OMP_NUM_THREADS says.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import time
import warnings
from collections.abc import Callable
from typing import Any

from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

from cijkl.potentials import load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--potentials", default="sevennet-l3i5,sevennet-0,chgnet")
    parser.add_argument("--copies", type=int, default=16, help="crystals in a batch")
    parser.add_argument("--repeats", type=int, default=5, help="the fastest of so many counts")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="float32")
    arguments = parser.parse_args()

    import torch

    if "OMP_NUM_THREADS" in os.environ:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    print(f"{torch.get_num_threads()} threads, {arguments.copies} crystals in a batch, ms each")
    print(
        f"{'potential':<14}{'crystal':<16}{'own':>9}{'single':>9}{'batch':>9}{'own/single':>12}"
        f"{'own/batch':>11}"
    )
    for name in arguments.potentials.split(","):
        potential = load(name, device=arguments.device, dtype=arguments.dtype)
        calculator = own_calculator(name, arguments.device)
        for label, atoms in crystals().items():
            copies = [perturbed(atoms, seed) for seed in range(arguments.copies)]

            def own(calculator: Any = calculator, copies: list[Atoms] = copies) -> None:
                for copy in copies:
                    calculator.calculate(copy, ["energy", "forces", "stress"], ["positions"])

            def single(potential: Any = potential, copies: list[Atoms] = copies) -> None:
                for copy in copies:
                    potential.evaluate([copy])

            def batch(potential: Any = potential, copies: list[Atoms] = copies) -> None:
                potential.evaluate(copies)

            a, b, c = (
                1e3 * seconds / len(copies)
                for seconds in interleaved([own, single, batch], arguments.repeats)
            )
            print(f"{name:<14}{label:<16}{a:>9.1f}{b:>9.1f}{c:>9.1f}{a / b:>12.2f}{a / c:>11.2f}")


def crystals() -> dict[str, Atoms]:
    """Small cells, as most of a database has."""
    return {
        "Si (2)": bulk("Si", "diamond", a=5.431),
        "Cu (4)": bulk("Cu", cubic=True),
        "NaCl (8)": bulk("NaCl", "rocksalt", a=5.64, cubic=True),
        "Al2O3 (10)": crystal(
            ["Al", "O"],
            [(0, 0, 0.35216), (0.30624, 0, 0.25)],
            spacegroup=167,
            cellpar=[4.7602, 4.7602, 12.9933, 90, 90, 120],
            primitive_cell=True,
        ),
    }


def perturbed(atoms: Atoms, seed: int) -> Atoms:
    copy = atoms.copy()
    copy.rattle(0.01, seed=seed)
    return copy


def own_calculator(name: str, device: str) -> Any:
    """The calculator that the potential's authors ship."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name.startswith("sevennet"):
            from sevenn.calculator import SevenNetCalculator

            return SevenNetCalculator(name.replace("sevennet", "7net"), device=device)
        from chgnet.model.dynamics import CHGNetCalculator

        return CHGNetCalculator(use_device=None if device == "auto" else device)


def interleaved(functions: list[Callable[[], None]], repeats: int) -> list[float]:
    """Least seconds of each; taken in turns, so that a busy machine disturbs all alike."""
    times: list[list[float]] = [[] for _ in functions]
    for function in functions * 2:
        function()
    for _ in range(repeats):
        for function, record in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            record.append(time.perf_counter() - start)
    return [min(record) for record in times]


if __name__ == "__main__":
    main()
