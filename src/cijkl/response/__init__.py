"""A potential's relaxed structure and elastic tensor.

`relax` moves cell and ions with symmetry kept; `linear_response` gives the relaxed-ion tensor from
a few forces and stresses around that minimum, `finite_response` the same by straining and relaxing
again. All three are coroutines for one crystal; `run` drives one with a potential, `lockstep` many
with shared calls of it. `algorithm` joins them to all that `compute` does.
"""

from cijkl.response.batch import lockstep
from cijkl.response.choice import DEFAULT_POTENTIAL, MOLECULAR_CELL, MOLECULAR_POTENTIAL
from cijkl.response.computation import compute
from cijkl.response.deformation import Group
from cijkl.response.drive import run
from cijkl.response.finite import FiniteSettings, finite_response
from cijkl.response.linear import LinearSettings, Response, linear_response
from cijkl.response.quasiharmonic import ThermalSettings
from cijkl.response.relax import Relaxation, RelaxSettings, relax
from cijkl.response.single import ComputeSettings, algorithm, compute_crystal
from cijkl.response.strains import minimal_strains

__all__ = [
    "DEFAULT_POTENTIAL",
    "MOLECULAR_CELL",
    "MOLECULAR_POTENTIAL",
    "ComputeSettings",
    "FiniteSettings",
    "Group",
    "LinearSettings",
    "RelaxSettings",
    "Relaxation",
    "Response",
    "ThermalSettings",
    "algorithm",
    "compute",
    "compute_crystal",
    "finite_response",
    "linear_response",
    "lockstep",
    "minimal_strains",
    "relax",
    "run",
]
