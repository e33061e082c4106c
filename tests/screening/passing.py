"""Batches that pass through a cluster of this machine, and the memory that they leave taken."""

from __future__ import annotations

import os
from collections.abc import Sequence

import psutil

from cijkl.screening.cluster import Cluster, open_cluster

SIZE, ITEMS, FIRST, MORE = 3_000, 300, 10, 80


def answer(items: Sequence[bytes]) -> list[bytes]:
    """As large as what was asked, as results are."""
    return [bytes(reversed(item)) for item in items]


def main() -> None:
    with open_cluster(Cluster(workers=1)) as client:

        def passed(count: int) -> int:
            """Bytes that all processes hold after so many batches."""
            for _ in range(count):
                items = tuple(os.urandom(SIZE) for _ in range(ITEMS))
                assert len(client.submit(answer, items, pure=False).result()) == ITEMS
            me = psutil.Process()
            return sum(p.memory_info().rss for p in (me, *me.children(recursive=True)))

        before = passed(FIRST)
        print((passed(MORE) - before) / (MORE * ITEMS * SIZE))


if __name__ == "__main__":
    main()
