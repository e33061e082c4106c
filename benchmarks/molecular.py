"""Molecular crystals: cells, cost and elastic tensors of potentials.

    python benchmarks/molecular.py --data molecular_crystals.jsonl.gz --select X23-exp \
        --potential sevennet-0+d3 --out x23.jsonl
    python benchmarks/molecular.py --data molecular_crystals.jsonl.gz --count 25 \
        --potential sevennet-0+d3 --out sample.jsonl
    python benchmarks/molecular.py --data molecular_crystals.jsonl.gz --select X23-exp-urea \
        --potential sevennet-0+d3 --tensors --cell both --out tensors.jsonl
    python benchmarks/molecular.py --data molecular_crystals.jsonl.gz --out x23.jsonl

Results are appended to a file, one line for each crystal, potential and task; what is in it is not
computed again. Without a potential the tables of what the file holds are printed. Times are
processor time of one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from _molecular import (
    Row,
    by_size,
    crystals,
    reference_volumes,
    relaxed_row,
    sample,
    tensor_row,
)
from _molecular_tables import print_tables

from cijkl.potentials import load
from cijkl.response import ComputeSettings, RelaxSettings
from cijkl.structures import Crystal


def main() -> None:
    """Compute what is missing in the file, and print its tables."""
    # libraries that are loaded later read it; threads that wait for each other would be counted
    os.environ["OMP_NUM_THREADS"] = "1"
    options = arguments()
    found = crystals(options.data)
    if options.potential:
        names = chosen(found, options)
        for name in options.potential:
            compute_missing(name, [found[one] for one in names], options)
    rows = [row for path in (options.out, *options.beside) for row in rows_of(path)]
    print_tables(rows, reference_volumes(options.data), found)


def chosen(found: dict[str, Crystal], options: argparse.Namespace) -> list[str]:
    """The ids to compute, small crystals first."""
    names = [
        name
        for name in found
        if not options.select or any(name.startswith(one) for one in options.select)
    ]
    if options.count:
        names = sample(names, options.count, options.seed)
    names = [name for name in names if len(found[name].atoms) <= options.max_atoms]
    return by_size(names, lambda name: len(found[name].atoms))


def compute_missing(name: str, wanted: list[Crystal], options: argparse.Namespace) -> None:
    """Append the rows that the file does not have."""
    tasks = ["relax"]
    if options.tensors:
        cells = ("relaxed", "given") if options.cell == "both" else (options.cell,)
        tasks = [f"tensor-{cell}" for cell in cells]
    known = {(row["potential"], row["id"], row["task"]) for row in rows_of(options.out)}
    potential = load(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    relaxation = RelaxSettings(fmax=options.fmax, max_steps=options.max_steps)
    with options.out.open("a", encoding="utf-8") as file:
        for crystal in wanted:
            for task in tasks:
                if (name, crystal.id, task) in known:
                    continue
                row = measured(crystal, potential, relaxation, task)
                file.write(json.dumps({"potential": name, **row}) + "\n")
                file.flush()
                if not options.quiet:
                    told(name, row)


def measured(crystal: Crystal, potential: object, relaxation: RelaxSettings, task: str) -> Row:
    """One row of the file."""
    if task == "relax":
        return relaxed_row(crystal, potential, relaxation)
    from dataclasses import replace

    criteria = replace(relaxation, cell=task == "tensor-relaxed")
    return tensor_row(crystal, potential, ComputeSettings(relax=criteria), task)


def told(name: str, row: Row) -> None:
    """One line of progress."""
    keys = ("natoms", "evaluations", "seconds", "converged", "volume_percent", "stable", "error")
    facts = [f"{key} {row[key]:.4g}" if isinstance(row[key], float) else f"{key} {row[key]}"
             for key in keys if row.get(key) is not None]  # fmt: skip
    codes = " ".join(row.get("codes", []))
    print(f"{name} {row['id']} {row['task']}: {', '.join(facts)} {codes}", file=sys.stderr)


def rows_of(path: Path) -> list[Row]:
    """What the file holds; a line that a killed run left unfinished is passed over."""
    rows: list[Row] = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                continue
    return rows


def arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines of crystals")
    parser.add_argument("--potential", nargs="*", default=[])
    parser.add_argument("--select", nargs="*", default=[], help="beginnings of ids; all by default")
    parser.add_argument("--count", type=int, default=0, help="a seeded sample of so many")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--max-atoms", type=int, default=10**6)
    parser.add_argument("--tensors", action="store_true", help="tensors in place of relaxations")
    parser.add_argument("--cell", choices=("relaxed", "given", "both"), default="both")
    parser.add_argument("--fmax", type=float, default=RelaxSettings.fmax, help="eV/A")
    parser.add_argument("--max-steps", type=int, default=RelaxSettings.max_steps)
    parser.add_argument("--out", type=Path, required=True, help="JSON Lines of results")
    parser.add_argument(
        "--beside", type=Path, nargs="*", default=[], help="other results for the tables"
    )
    parser.add_argument("--quiet", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
