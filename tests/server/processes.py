"""Processes of their own, forked from one that has everything imported: to import it takes longer than most of what they do."""

import multiprocessing
from multiprocessing.context import ForkServerContext

LOADED = ["tests.server.jobs.site", "tests.server.jobs.workers", "tests.server.store.samples"]


def forked() -> ForkServerContext:
    """Where to start them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    return context
