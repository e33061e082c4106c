"""Accuracy of potentials against DFT: K and G of 300 crystals, full tensors of 100.

    python benchmarks/potentials.py --moduli mp_moduli.jsonl.gz --tensors mp_tensors.jsonl.gz

The samples are fixed by a seed, so every potential sees the same crystals. Results are kept in a
folder (`--cache`) and a second run does only what is missing. Published errors of matcalc's
relaxations, for orientation: K and G MAE 17.4 and 29.6 GPa (CHGNet), 15.6 and 15.5 GPa
(TensorNet-OMat24); they are for another set of crystals.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from pathlib import Path

import numpy as np

from cijkl.elasticity import ElasticTensor
from cijkl.report import dumps
from cijkl.response import compute


def rows(path):
    with gzip.open(path, "rt") as stream:
        return [json.loads(line) for line in stream]


def chosen(path, count, max_atoms, seed=20261120):
    """A seeded sample of crystals with at most `max_atoms` atoms in the cell."""
    known = [row for row in rows(path) if len(row["species"]) <= max_atoms]
    order = np.random.default_rng(seed).permutation(len(known))
    return [known[i] for i in order[:count]]


def atoms_of(row):
    from ase import Atoms

    return Atoms(
        row["species"], scaled_positions=row["frac"], cell=row["lattice"], pbc=True,
        info={"id": row["id"]},
    )  # fmt: skip


def computed(sample, potential, cache):
    """Records of a potential by crystal id, from the cache or computed now."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    done = {}
    if cache.exists():
        done = {record["id"]: record for record in map(json.loads, cache.open())}
    missing = [row for row in sample if row["id"] not in done]
    start = time.perf_counter()
    with cache.open("a") as stream:
        results = compute([atoms_of(row) for row in missing], potential)
        for count, result in enumerate(results, 1):
            stream.write(dumps(result.record) + "\n")
            stream.flush()
            done[result.record["id"]] = json.loads(dumps(result.record))
            left = (time.perf_counter() - start) / count * (len(missing) - count)
            print(f"  {potential}: {count}/{len(missing)}, {left / 60:.0f} min left", flush=True)
    return [done[row["id"]] for row in sample]


def moduli_table(name, sample, records, skip=()):
    """One line: MAE and bias of K and G over the crystals that gave a stable tensor."""
    pairs = [
        (row, record)
        for row, record in zip(sample, records, strict=True)
        if record.get("moduli") and row["id"] not in skip
    ]
    failed = sum(record["status"] == "failed" for record in records)
    unstable = sum(record["status"] == "ok" and not record["stable"] for record in records)
    errors = {}
    for key in "KG":
        ours = np.array([record["moduli"][key]["hill"] for _, record in pairs])
        label = np.array([row[f"{key}_VRH"] for row, _ in pairs])
        errors[key] = (np.abs(ours - label).mean(), (ours - label).mean(),
                       np.abs(np.log10(ours / label)).mean())  # fmt: skip
    seconds = np.mean([record["engine"]["seconds"] for record in records])
    calls = np.mean([record["engine"]["evaluations"] or 0 for record in records])
    cells = " | ".join(
        f"{mae:5.1f} ({bias:+5.1f}), {log:.3f}" for mae, bias, log in errors.values()
    )
    return (
        f"| {name} | {len(pairs)} | {failed} | {unstable} | {cells} | {calls:.0f} | {seconds:.1f} |"
    )


def tensor_error(sample, records):
    """Mean Frobenius norm (Mandel) of the difference, GPa and relative, same frame."""
    absolute, relative = [], []
    for row, record in zip(sample, records, strict=True):
        if not record.get("moduli"):
            continue
        theirs, ours = ElasticTensor(row["C"]).mandel, ElasticTensor(record["C"]).mandel
        gap = np.linalg.norm(ours - theirs)
        absolute.append(gap)
        relative.append(gap / np.linalg.norm(theirs))
    return np.mean(absolute), np.median(relative), len(absolute)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--moduli", type=Path, required=True)
    parser.add_argument("--tensors", type=Path)
    parser.add_argument("--potential", action="append", help="may be repeated")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--tensor-count", type=int, default=100)
    parser.add_argument("--max-atoms", type=int, default=16)
    parser.add_argument("--cache", type=Path, default=Path("out/potentials"))
    arguments = parser.parse_args()
    names = arguments.potential or ["sevennet-0", "sevennet-l3i5", "chgnet"]
    sample = chosen(arguments.moduli, arguments.count, arguments.max_atoms)
    lines = []
    for name in names:
        folder = arguments.cache / name.replace(":", "_")
        records = computed(sample, name, folder / "moduli.jsonl")
        lines.append(moduli_table(name, sample, records))
        if arguments.tensors:
            with_tensor = chosen(arguments.tensors, arguments.tensor_count, arguments.max_atoms)
            tensors = computed(with_tensor, name, folder / "tensors.jsonl")
            gap, relative, count = tensor_error(with_tensor, tensors)
            lines[-1] += f" {gap:.0f}, {relative:.2f} ({count}) |"
    print(
        "| potential | stable | failed | unstable | K: MAE (bias), log10 | G: MAE (bias), log10 "
        "| calls | s | tensor: GPa, relative (n) |\n" + "|---" * 9 + "|"
    )
    print("\n".join(lines))


if __name__ == "__main__":
    main()
