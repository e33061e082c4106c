"""Potentials: energy, forces and stress of crystals, behind one small interface.

`load` gives a potential by name, `catalogue` says what there is. A potential answers
``evaluate(structures)`` with one `Evaluation` for each; `Sum` adds potentials and
`AseCalculator` adapts any calculator of ASE.
"""

from cijkl.potentials.base import Evaluation, EvaluationError, Potential, Sum
from cijkl.potentials.calculator import AseCalculator
from cijkl.potentials.catalogue import PotentialInfo
from cijkl.potentials.registry import catalogue, load, names

__all__ = [
    "AseCalculator",
    "Evaluation",
    "EvaluationError",
    "Potential",
    "PotentialInfo",
    "Sum",
    "catalogue",
    "load",
    "names",
]
