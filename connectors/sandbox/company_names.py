"""Company names that read like an MSP's customers, and how vendors misspell them without changing whom they mean."""

from collections.abc import Iterator
from random import Random

FIRST = (
    "Amber", "Aspen", "Beacon", "Bluebell", "Boulder", "Bramble", "Canyon", "Clover", "Copper", "Coral", "Crescent", "Crystal",
    "Dogwood", "Driftwood", "Ember", "Evergreen", "Fairview", "Falcon", "Fern", "Flint", "Garnet", "Glacier", "Golden", "Granite",
    "Harbor", "Hawthorn", "Heron", "Hickory", "Indigo", "Ivory", "Jasper", "Keystone", "Lakeside", "Laurel", "Lighthouse", "Lupine",
    "Magnolia", "Maple", "Meadow", "Mesa", "Midtown", "Monarch", "Oakridge", "Orchard", "Pebble", "Pinecrest", "Prairie", "Quarry",
    "Redwood", "Ridgeline", "Riverbend", "Rosewood", "Saffron", "Sandstone", "Sequoia", "Silver", "Spruce", "Sterling", "Summit",
    "Sycamore", "Tamarack", "Terrace", "Timber", "Union", "Valley", "Vista", "Walnut", "Waterford", "Westbrook", "Willow",
)  # fmt: skip
SECOND = (
    "Accounting", "Advisors", "Animal Hospital", "Architects", "Bakery", "Builders", "Capital", "Chiropractic", "Church", "Clinic",
    "Construction", "Credit Union", "Dental", "Dermatology", "Design", "Electric", "Engineering", "Eye Care", "Family Practice",
    "Farms", "Financial", "Fitness", "Foods", "Foundation", "Freight", "Gallery", "Hardware", "Holdings", "Homes", "Hospitality",
    "Imaging", "Insurance", "Interiors", "Landscaping", "Law Group", "Logistics", "Machine Works", "Manufacturing", "Marketing",
    "Media", "Montessori", "Orthopedics", "Packaging", "Partners", "Pediatrics", "Pharmacy", "Plumbing", "Properties", "Realty",
    "Roofing", "School", "Senior Living", "Software", "Steel", "Surveying", "Textiles", "Title", "Trucking", "Urology", "Wealth",
)  # fmt: skip
FORMS = ("", "", " LLC", " Inc", " Ltd", " LLP", " Corp")
SPELLED = {
    " LLC": (" LLC", ", LLC", " L.L.C."),
    " Inc": (" Inc.", ", Incorporated", " INC"),
    " Ltd": (" Limited", " Ltd."),
    " LLP": (", LLP", " L.L.P."),
    " Corp": (" Corporation", " Corp."),
}


def company_names(random: Random) -> Iterator[str]:
    """Names without end, no two alike."""
    pairs = [(one, two) for one in FIRST for two in SECOND]
    random.shuffle(pairs)
    for one, two in pairs:
        yield f"{one} {two}{random.choice(FORMS)}"
    number = 2
    while True:
        for one, two in pairs:
            yield f"{one} {two} No {number}{random.choice(FORMS)}"
        number += 1


def drifted(name: str, random: Random) -> str:
    """The same company as another system spells it: other case, commas, dots, or the form written out."""
    if random.random() < 0.6:
        return name
    for form, spellings in SPELLED.items():
        if name.endswith(form):
            return name.removesuffix(form) + random.choice(spellings)
    return random.choice((name.upper(), name.replace(" ", "  ", 1), name + " LLC"))
