"""Labelled crystals: reading them, and splitting them for honest tests.

An `Example` is a crystal with moduli (GPa), a stiffness, or both. `load` gives the examples of a
dataset by name or path; `folds_by_formula` and its neighbours part them into training and test.
"""

from cijkl.datasets.catalogue import NAMES, load
from cijkl.datasets.cleaning import drop_layers, drop_misfits, symmetry_misfit
from cijkl.datasets.example import MODULI, Example, known_moduli
from cijkl.datasets.files import load_dataset
from cijkl.datasets.matbench import matbench_log_gvrh, matbench_log_kvrh, official_folds
from cijkl.datasets.splits import (
    ELEMENT_GROUPS,
    folds_by_formula,
    holdout_by_formula,
    leave_cluster_out,
    leave_element_group_out,
)
from cijkl.structures.sources.download import cache_folder, fetch

__all__ = [
    "ELEMENT_GROUPS",
    "MODULI",
    "NAMES",
    "Example",
    "cache_folder",
    "drop_layers",
    "drop_misfits",
    "fetch",
    "folds_by_formula",
    "holdout_by_formula",
    "known_moduli",
    "leave_cluster_out",
    "leave_element_group_out",
    "load",
    "load_dataset",
    "matbench_log_gvrh",
    "matbench_log_kvrh",
    "official_folds",
    "symmetry_misfit",
]
