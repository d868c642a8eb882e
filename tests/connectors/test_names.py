import datetime as dt

import pytest

from connectors.files.compose import compose
from connectors.files.names import as_of_name, vendor_of


@pytest.mark.parametrize(
    ("stem", "vendor"),
    [
        ("huntress-usage-2026-11", "Huntress"),
        ("SentinelOne_Licenses_20261130", "SentinelOne"),
        ("2026.11 proofpoint essentials report", "Proofpoint Essentials"),
        ("Datto RMM export (2)", "Datto RMM"),
        ("invoice", "invoice"),
    ],
)
def test_a_vendor_is_named_by_its_file(stem: str, vendor: str) -> None:
    assert vendor_of(stem) == vendor


@pytest.mark.parametrize(
    ("stem", "day"),
    [
        ("huntress-2026-11", dt.date(2026, 11, 30)),
        ("huntress_2026_02_14", dt.date(2026, 2, 14)),
        ("huntress20261130", dt.date(2026, 11, 30)),
        ("huntress-2026-02-31", dt.date(2026, 2, 28)),
        ("huntress", None),
        ("huntress-1234567890", None),
    ],
)
def test_the_day_of_the_data_may_stand_in_the_name(stem: str, day: dt.date | None) -> None:
    assert as_of_name(stem) == day


def test_parts_that_are_blank_or_already_said_are_left_out() -> None:
    columns = {"sku": ["S", "S", None, None], "term": ["Monthly", None, "Annual", None], "name": ["N", "N", "N for Annual", None]}
    templates = ["{sku} | {term}", "{name} | {term}"]
    assert compose(templates, columns, 4) == ["S | Monthly", "S", "N for Annual", None]
