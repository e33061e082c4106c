"""Tables and figures of the papers that cijkl follows, made again and set beside the print.

`ITEMS` lists them with what each needs or why it cannot be made; `reproduce` makes one. Each paper
has a file of its own that lists its items; what several share lies beside.
"""

from cijkl.reproduction.item import Item
from cijkl.reproduction.outcome import Outcome, Request, Table
from cijkl.reproduction.registry import ITEMS, PAPERS, item, reproduce

__all__ = ["ITEMS", "PAPERS", "Item", "Outcome", "Request", "Table", "item", "reproduce"]
