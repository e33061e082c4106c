"""One screening as a process of its own, for tests that kill it: options as JSON."""

from __future__ import annotations

import json
import sys


def main() -> int:
    from frail import Frail

    from cijkl.errors import CijklError
    from cijkl.screening import screen

    options = json.loads(sys.argv[1])
    if isinstance(options["engine"], dict):
        options["engine"] = Frail(**options["engine"])
    try:
        summary = screen(**options)
    except CijklError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({**vars(summary.counts), "interrupted": summary.interrupted}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
