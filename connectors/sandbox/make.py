"""Makes the whole MSP: the ten cases, the other traps, and ordinary customers up to the size asked for."""

from connectors.sandbox.cases import make_cases, other_traps
from connectors.sandbox.catalogue import DROPSUITE, HUNTRESS, ITEMS, MICROSOFT, PAX8, vendor_name
from connectors.sandbox.ordinary import FREE, make_ordinary
from connectors.sandbox.world import Maker, World, vendor_service_id
from core.mapping import Kind, ServiceMapping

LINES_EACH = 7.5
"""Lines of an average customer, so that 40 customers have 300."""

BY_NAME = ("M365-E3", "PBI-PRO", "O365-E3")
"""Whose names agree to the letter: their mapping needs nobody."""


def make_world(customers: int = 40, seed: int = 1, lines: int | None = None) -> World:
    """A world of that many customers; `lines` PSA lines, or seven and a half each."""
    maker = Maker(seed)
    make_cases(maker)
    other_traps(maker)
    _map_services(maker)
    special = len({row["Company"] for row in maker.world.agreements})
    make_ordinary(maker, max(0, customers - special), round(customers * LINES_EACH) if lines is None else lines)
    maker.random.shuffle(maker.world.agreements)
    return maker.world


def _map_services(maker: Maker) -> None:
    for item in ITEMS.values():
        if item.product_id not in BY_NAME:
            for vendor in (MICROSOFT, PAX8) if item.vendor == MICROSOFT else (item.vendor,):
                maker.map_service(vendor, item)
    mapped = {(s.vendor, s.vendor_service_id) for s in maker.world.services}
    for vendor in (MICROSOFT, PAX8, HUNTRESS, DROPSUITE):
        service_id = vendor_service_id(vendor, FREE[vendor])
        if (vendor, service_id) not in mapped:
            maker.world.services.append(ServiceMapping(vendor, service_id, vendor_name(FREE[vendor]), Kind.FREE))
