"""One screening as a process of its own, for tests that kill it: options as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any


def main() -> int:
    from frail_engine import Frail

    from cijkl.errors import CijklError
    from cijkl.screening import driving, screen

    options = json.loads(sys.argv[1])
    driving._SECONDS = options.pop("commit_every", driving._SECONDS)
    last = options.pop("die_after", None)

    def report(counts: Any) -> None:
        if last is not None and counts.settled >= last:
            os.kill(os.getpid(), signal.SIGKILL)

    if isinstance(options["engine"], dict):
        options["engine"] = Frail(**options["engine"])
    try:
        summary = screen(**options, report=report)
    except CijklError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({**vars(summary.counts), "interrupted": summary.interrupted}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
