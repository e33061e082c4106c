"""`TypedDict` as pydantic takes it, by which users may validate records."""

from __future__ import annotations

import sys
from typing import NotRequired

# pydantic takes no other before Python 3.12
if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

__all__ = ["NotRequired", "TypedDict"]
