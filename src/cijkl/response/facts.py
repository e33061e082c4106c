"""What a record says of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from cijkl.response.linear import Response

__all__ = ["response_facts"]


def response_facts(response: Response, seconds: float) -> dict[str, Any]:
    """A record's ``response``.

    Parameters
    ----------
    seconds
        That it took.
    """
    return {
        "method": response.method,
        "converged": response.converged,
        "evaluations": response.evaluations,
        "seconds": round(seconds, 3),
        "strains": response.strains,
        "cg_iterations": response.iterations,
        "asymmetry": response.asymmetry,
        "C_error": response.error.tolist(),
        "C_clamped": None if response.clamped is None else response.clamped.tolist(),
        "lowest_curvature": response.lowest_curvature
        if np.isfinite(response.lowest_curvature)
        else None,
    }
