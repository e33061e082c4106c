"""Screening of any number of crystals: which of them, by which engine, into one store, and what
the results show together.
"""

from cijkl.screening.filters import Tally, check_conditions, keep, where
from cijkl.screening.sets import SETS, ReadySet

__all__ = ["SETS", "ReadySet", "Tally", "check_conditions", "keep", "where"]
