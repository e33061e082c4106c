"""Jobs: a queue that survives the server, processes that work it off, results that are kept."""

from cijkl.web.jobs.runner import Runner
from cijkl.web.jobs.store import Job, JobStore

__all__ = ["Job", "JobStore", "Runner"]
