"""The physics of an elastic tensor: plain functions on arrays (..., 6, 6), GPa, and one object.

Everything works on Voigt stiffnesses (order xx yy zz yz xz xy, engineering shear strain) and is
vectorised over leading axes. `ElasticTensor` wraps the functions as methods; the modules hold them
by subject, each with its formula and source. NumPy and SciPy only.
"""

from cijkl.elasticity.averages import arithmetic_moduli, moduli
from cijkl.elasticity.born import born_criteria
from cijkl.elasticity.classes import CRYSTAL_CLASSES, crystal_class_rotations, from_constants
from cijkl.elasticity.directional import direction_from_uvw, normal_from_hkl
from cijkl.elasticity.distances import symmetry_class, symmetry_distances
from cijkl.elasticity.extrema import Extrema, Extremum, extrema
from cijkl.elasticity.harmonic import Harmonic, compose, decompose
from cijkl.elasticity.ieee import ieee_rotation, ieee_rotation_of_crystal
from cijkl.elasticity.indentation import (
    indentation_modulus,
    indentation_youngs_modulus,
    reduced_modulus,
)
from cijkl.elasticity.notation import rotate
from cijkl.elasticity.planar import (
    planar_anisotropy,
    planar_eigenvalues,
    planar_moduli,
    planar_sound_velocities,
    planar_stiffness,
    planar_velocities,
)
from cijkl.elasticity.planar_directional import (
    planar_extrema,
    planar_poisson_ratio,
    planar_youngs_modulus,
)
from cijkl.elasticity.planes import plane_shear_range
from cijkl.elasticity.readers import read_tensor
from cijkl.elasticity.stability import eigenvalues, is_stable, nearest_positive_definite
from cijkl.elasticity.symmetry import allowed_basis, project
from cijkl.elasticity.tensor import ElasticTensor

__all__ = [
    "CRYSTAL_CLASSES",
    "ElasticTensor",
    "Extrema",
    "Extremum",
    "Harmonic",
    "allowed_basis",
    "arithmetic_moduli",
    "born_criteria",
    "compose",
    "crystal_class_rotations",
    "decompose",
    "direction_from_uvw",
    "eigenvalues",
    "extrema",
    "from_constants",
    "ieee_rotation",
    "ieee_rotation_of_crystal",
    "indentation_modulus",
    "indentation_youngs_modulus",
    "is_stable",
    "moduli",
    "nearest_positive_definite",
    "normal_from_hkl",
    "planar_anisotropy",
    "planar_eigenvalues",
    "planar_extrema",
    "planar_moduli",
    "planar_poisson_ratio",
    "planar_sound_velocities",
    "planar_stiffness",
    "planar_velocities",
    "planar_youngs_modulus",
    "plane_shear_range",
    "project",
    "read_tensor",
    "reduced_modulus",
    "rotate",
    "symmetry_class",
    "symmetry_distances",
]
