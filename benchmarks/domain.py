"""How often a model's warning `out_of_domain` is raised, on crystals like its own and on others.

    python benchmarks/domain.py --card card.json --model FOLDER_OR_FILES \
        --data mp_moduli.jsonl.gz --tensors mp_tensors.jsonl.gz \
        --molecular molecular_crystals.jsonl.gz

The card is that of `learned.py --write`. All crystals come from the fold that was kept from
training and domain: as they are; compressed, expanded and sheared; with one element replaced by
another of the data, or by a noble gas, in the same cell; with their atoms permuted, displaced, or
packed at random at the same density. The domain has been shown such things, made of others. Each
row says how often there is a warning, and how often for which reason; a crystal may have several.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import numpy as np
from _learned import ensemble, labelled

from cijkl.errors import InputError
from cijkl.models.domain import Domain
from cijkl.models.domain.made_up import displaced, packed, permuted, replaced, sheared, strained
from cijkl.models.elements import KNOWN
from cijkl.models.graphs import crystal_graph
from cijkl.structures import read

REASONS = {
    "element": "of them had",
    "dense": "less room",
    "loose": "more room",
    "distance": "its neighbours",
    "coordination": "(few|many) neighbours",
    "lopsided": "in the middle",
    "contacts": "of a kind",
    "whole": "taken together",
    "molecules": "molecules",
    "members": "disagree",
}
NOBLE = (2, 10, 18, 36, 54)
MOST_ATOMS = 40


def main():
    arguments = options()
    model = ensemble(arguments.model)
    card = json.loads(arguments.card.read_text("utf-8"))
    domain, facts = Domain.load(card["domain"]), card["trained_on"]
    paths = [arguments.data, *([arguments.tensors] if arguments.tensors else [])]
    split = facts["folds"], facts["split_seed"], facts["crystals"], facts["kept_folds"]
    everything = labelled(paths, model.graph, *split)
    kept = everything.of(np.isin(everything.fold, facts["kept_folds"])).atoms
    rng = np.random.default_rng(arguments.seed)
    if len(kept) > arguments.count:
        kept = [kept[i] for i in rng.choice(len(kept), arguments.count, replace=False)]
    elements = np.flatnonzero(domain.with_element >= 20) + 1
    several = [atoms for atoms in kept if len(set(atoms.numbers)) > 1]
    small = [atoms for atoms in kept if 4 <= len(atoms) <= MOST_ATOMS]
    print(f"{'':<34}{'n':>5}{'raised':>8}" + "".join(f"{name:>14}" for name in REASONS))
    table = {"kept from training": kept}
    for percent in (10, 15, 25, 35):
        table[f"volume less {percent} %"] = [strained(a, -percent / 100) for a in kept]
    for percent in (15, 25, 35, 50):
        table[f"volume more {percent} %"] = [strained(a, percent / 100) for a in kept]
    table["an element replaced"] = [replaced(a, elements, rng) for a in kept]
    table["the same, radius off by 15 %"] = [replaced(a, elements, rng, 0.15) for a in kept]
    table["a noble gas in its place"] = [replaced(a, np.array(NOBLE), rng) for a in kept]
    table["atoms permuted"] = [permuted(a, rng) for a in several]
    table["atoms displaced by 0.3 A"] = [displaced(a, 0.3, rng) for a in kept]
    table["sheared by 0.2"] = [sheared(a, 0.2, rng) for a in kept]
    table["packed at random"] = [packed(a, rng) for a in small]
    if arguments.molecular:
        crystals = [c for c in read(arguments.molecular) if hasattr(c, "atoms")]
        table["molecular crystals"] = [c.atoms for c in crystals]
    for name, structures in table.items():
        print_row(name, structures, model, domain)
    graphs = [crystal_graph(atoms, model.graph) for atoms in kept]
    start = time.process_time()
    for graph in graphs:
        domain.warnings_of_graph(graph, (0.0, 0.0))
    print(
        f"\n{1e3 * (time.process_time() - start) / len(graphs):.3f} ms for each crystal's warning"
    )


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--card", required=True, type=Path)
    parser.add_argument("--model", nargs="+", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--tensors", type=Path)
    parser.add_argument("--molecular", type=Path)
    parser.add_argument("--count", type=int, default=1000, help="crystals of the fold at most")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def print_row(name, structures, model, domain):
    graphs = []
    for atoms in structures:
        try:
            graphs.append(crystal_graph(atoms, model.graph))
        except InputError:
            continue
    known = [i for i, graph in enumerate(graphs) if graph.numbers.max() <= KNOWN]
    spread = np.zeros((len(graphs), 2))
    spread[known] = model.predict_graphs([graphs[i] for i in known]).spread
    messages = []
    for graph, each in zip(graphs, spread, strict=True):
        found = domain.warnings_of_graph(graph, each)
        messages.append(found[0].message if found else "")
    shares = [np.mean([bool(re.search(r, m)) for m in messages]) for r in REASONS.values()]
    raised = np.mean([bool(message) for message in messages])
    cells = "".join(f"{share:>14.3f}" for share in shares)
    print(f"{name:<34}{len(messages):>5}{raised:>8.3f}{cells}", flush=True)


if __name__ == "__main__":
    main()
