"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# on a server the same examples every time, so that a failure is the change's; here, new ones
settings.register_profile("server", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("server")
