"""Readers of files: PSA exports and vendor invoices or counts, each layout declared in `profiles/`."""

from connectors.files.agreements import read_agreements
from connectors.files.catalogue import CatalogueImport, read_catalogue
from connectors.files.charges import Import, most_charge_month, read_usage
from connectors.files.errors import ImportRefused
from connectors.files.loading import load_profiles
from connectors.files.profile import Profile
from connectors.files.recognition import recognise

__all__ = [
    "CatalogueImport",
    "Import",
    "ImportRefused",
    "Profile",
    "load_profiles",
    "most_charge_month",
    "read_agreements",
    "read_catalogue",
    "read_usage",
    "recognise",
]
