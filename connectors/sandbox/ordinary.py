"""The MSP's ordinary customers: most lines agree, some do not, in the ways that lines drift apart in a month."""

from decimal import Decimal

from connectors.sandbox.catalogue import DROPSUITE, HUNTRESS, ITEMS, MICROSOFT, PAX8
from connectors.sandbox.company_names import company_names, drifted
from connectors.sandbox.world import NEW, NO_CHANGE, NO_USAGE, RECONCILE, Customer, Maker, line_key, new_key

LICENCES = ("M365-BS", "M365-BB", "EXO-P1", "M365-E3", "O365-E3", "ENTRA-P1", "PHONE", "PBI-PRO", "VISIO-2", "COPILOT", "MDO-P1")
OTHERS = (("EDR", HUNTRESS), ("ITDR", HUNTRESS), ("BACKUP", DROPSUITE), ("ARCHIVE", DROPSUITE))

WEIGHTS = {"same": 66, "more": 14, "less": 8, "new": 5, "absent": 3, "zero": 4}
"""How often each happens to a service, of a hundred."""


def make_ordinary(maker: Maker, customers: int, lines: int) -> None:
    """Customers until there are so many, then services for them in turn until the PSA holds so many lines."""
    names = company_names(maker.random)
    made = [_customer(maker, next(names)) for _ in range(customers)]
    wanted = [_services(maker) for _ in made]
    while maker.lines < lines and any(wanted):
        for customer, services in zip(made, wanted, strict=True):
            if services and maker.lines < lines:
                product, vendor = services.pop()
                _service(maker, customer, product, vendor)
    _known_where_absent(maker)


def _customer(maker: Maker, name: str) -> Customer:
    customer = maker.customer(name)
    customer.account_names = {v: drifted(name, maker.random) for v in (MICROSOFT, PAX8, HUNTRESS, DROPSUITE)}
    return customer


def _services(maker: Maker) -> list[tuple[str, str]]:
    """What one customer buys, and from whom; the last is dealt first."""
    reseller = maker.random.choice((MICROSOFT, PAX8))
    licences = [(p, reseller) for p in maker.random.sample(LICENCES, len(LICENCES))]
    own = [("HELPDESK", ""), ("ONSITE", "")]
    services = [*licences, *OTHERS, *own]
    maker.random.shuffle(services)
    return services


def _service(maker: Maker, customer: Customer, product: str, vendor: str) -> None:
    quantity = maker.random.choice((3, 5, 6, 8, 10, 12, 15, 18, 22, 25, 30, 40, 60))
    if not vendor:
        maker.world.listed[maker.line(customer, product, quantity if product == "HELPDESK" else 1)] = "no vendor"
        return
    what = maker.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if what in ("new", "absent", "zero"):  # what was forgotten is seldom much
        quantity = maker.random.randint(1, 6)
    price, part, account = ITEMS[product].price, ITEMS[product].part, customer.account_names[vendor]
    if what == "new":
        maker.count(vendor, account, part, quantity, bucket="new revenue")
        maker.expect(new_key(customer, product), NEW, quantity, price * quantity)
        return
    key = line_key(maker.line(customer, product, quantity))
    if what in ("absent", "zero") and (vendor in (MICROSOFT, PAX8) or what == "absent"):
        maker.absent.add((vendor, account))
        maker.expect(key, NO_USAGE, -quantity, -price * quantity)
        return
    used = {"same": quantity, "zero": 0, "more": quantity + maker.random.randint(1, 4), "less": quantity - 1}[what]
    maker.count(vendor, account, part, used)
    _expect(maker, key, quantity, used, price)


def _expect(maker: Maker, key: tuple[str, str, str], quantity: int, used: int, price: Decimal) -> None:
    difference = used - quantity
    state = NO_CHANGE if not difference else RECONCILE if used else NO_USAGE
    maker.expect(key, state, difference, price * difference)
    if state == RECONCILE and maker.random.random() < 0.5:
        writes = (f"quantity {quantity} to {used}",)
        maker.play(key, "Approve", writes=writes, effect=price * difference, next_invoice=price * used)
    elif state == RECONCILE and maker.random.random() < 0.3:
        maker.play(key, "Dismiss", reason=maker.random.choice(("billed elsewhere", "corrected next month", "customer disputes")))


FREE = {MICROSOFT: "FLOW_FREE", PAX8: "FLOW_FREE", HUNTRESS: "HUN-FREE", DROPSUITE: "DRS-FREE"}


def _known_where_absent(maker: Maker) -> None:
    """An absence says something only of an account that the vendor knows: a free service makes it known."""
    for vendor, account in sorted(maker.absent - maker.seen):
        maker.count(vendor, account, FREE[vendor], 1, bucket="free")
