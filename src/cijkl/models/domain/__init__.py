"""Which crystals a model can know something about: what is usual among those it learned from.

`fit` learns a `Domain`, which warns of crystals that are unlike. Beneath are the first shells of
neighbours, the room that atoms usually take and what they usually have around them.
"""

from cijkl.models.domain.domain import CODE, Domain
from cijkl.models.domain.learning import fit

__all__ = ["CODE", "Domain", "fit"]
