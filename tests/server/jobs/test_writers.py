"""Ways into the PSA are few, are used again, and are not used for long."""

from server.jobs.writers import OLDEST, Writers
from tests.server.jobs.site import Site


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_after_the_other_use_the_same_way_and_two_at_once_two(site: Site) -> None:
    writers = Writers(site.house)
    with writers.lent("psa") as first:
        pass
    with writers.lent("psa") as again, writers.lent("psa") as other:
        assert again is first
        assert other is not first
    writers.close()


def test_an_old_way_is_closed_and_a_new_one_opened(site: Site) -> None:
    watch = Watch()
    writers = Writers(site.house, watch)
    with writers.lent("psa") as first:
        watch.now = OLDEST + 1
    with writers.lent("psa") as fresh:
        assert fresh is not first
    writers.close()


def test_a_psa_that_was_exchanged_is_not_written_to(site: Site) -> None:
    writers = Writers(site.house)
    with writers.lent("another") as writer:
        assert writer is None
    writers.close()
