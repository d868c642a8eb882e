"""Names of customers and services: when two are certainly the same (R20), and how alike two others are."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest

from rapidfuzz import fuzz, process

LEGAL_FORMS = {
    "inc": ("inc", "incorporated"),
    "corp": ("corp", "corporation"),
    "co": ("co", "company"),
    "llc": ("llc", "limited liability company"),
    "llp": ("llp", "limited liability partnership"),
    "lp": ("lp", "limited partnership"),
    "pllc": ("pllc",),
    "pc": ("pc", "professional corporation"),
    "ltd": ("ltd", "limited"),
    "pty ltd": ("pty ltd", "pty limited", "proprietary limited"),
    "plc": ("plc", "public limited company"),
    "gmbh": ("gmbh", "gesellschaft mit beschränkter haftung"),
    "ag": ("ag", "aktiengesellschaft"),
    "kg": ("kg", "kommanditgesellschaft"),
    "ug": ("ug",),
    "bv": ("bv",),
    "nv": ("nv",),
    "sa": ("sa",),
    "sarl": ("sarl",),
    "sas": ("sas",),
    "srl": ("srl",),
    "spa": ("spa",),
    "ab": ("ab", "aktiebolag"),
    "as": ("as",),
    "aps": ("aps",),
    "oy": ("oy",),
    "ulc": ("ulc",),
}
"""Legal forms by their short spelling, each with the spellings of the same form. Dots are gone before these are looked for."""

_SPELLINGS = sorted(((tuple(s.split()), form) for form, ss in LEGAL_FORMS.items() for s in ss), key=lambda x: -len(x[0]))
_NOISE = re.compile(r"\b(nce|new commerce experience|new commerce)\b")

SUGGEST = 70
"""A name from this likeness (per cent) on is suggested."""

COULD_BE = 60
"""An unmapped name from this likeness on could be the one that is missing (R9)."""


@dataclass(frozen=True, slots=True)
class Name:
    """A company name taken apart: the words that name it, without spaces, and its legal form where it states one."""

    base: str
    form: str
    words: str


def words(text: str) -> list[str]:
    """The words of a name in lower case: no punctuation, and dots inside abbreviations closed up."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"(?<=\w)[.'’](?=\w)|[.'’]", "", plain)
    return re.findall(r"\w+", plain.replace("_", " "))


@lru_cache(maxsize=100_000)
def company(text: str) -> Name:
    """A company's name; one that is nothing but a legal form keeps it as its base."""
    tokens = words(text)
    for spelling, form in _SPELLINGS:
        if len(tokens) > len(spelling) and tuple(tokens[-len(spelling) :]) == spelling:
            rest = tokens[: -len(spelling)]
            return Name("".join(rest), form, " ".join(rest))
    return Name("".join(tokens), "", " ".join(tokens))


@lru_cache(maxsize=100_000)
def service(text: str) -> str:
    """A service's name for comparing: no case, spacing or punctuation, and no mark of the new commerce experience."""
    return "".join(_NOISE.sub(" ", " ".join(words(text))).split())


def same_company(one: str, other: str) -> bool:
    """Equal but for case, spacing, punctuation and the spelling of the same legal form, or one side without it."""
    a, b = company(one), company(other)
    return a.base != "" and a.base == b.base and (a.form == b.form or not a.form or not b.form)


class Companies:
    """Customers by name, to find those that a vendor's accounts certainly are."""

    def __init__(self, customers: Mapping[str, str]) -> None:
        self._customers = customers
        self._by_base: dict[str, list[str]] = defaultdict(list)
        for customer_id, name in customers.items():
            self._by_base[company(name).base].append(customer_id)

    def certain(self, accounts: Mapping[str, str]) -> dict[str, str]:
        """Account id to customer id for the matches that are certain: alike in R20's sense, and unique on both sides."""
        found = {}
        for account_id, name in accounts.items():
            near = self._by_base.get(company(name).base, ())
            alike = [c for c in near if same_company(name, self._customers[c])]
            if len(alike) == 1:
                found[account_id] = alike[0]
        taken = Counter(found.values())
        return {account: customer for account, customer in found.items() if taken[customer] == 1}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something a name could be, with its likeness in per cent."""

    id: str
    name: str
    confidence: int


class Index:
    """Names to look others up in: finds the candidates of one name, best first."""

    def __init__(self, names: Mapping[str, str], *, companies: bool) -> None:
        self._ids = list(names)
        self._names = [names[i] for i in self._ids]
        self._companies = companies
        self._plain = [self._prepare(n) for n in self._names]

    def _prepare(self, text: str) -> str:
        if self._companies:
            return re.sub(r"^\d+ ", "", company(text).words)
        return _NOISE.sub(" ", " ".join(words(text)))

    def candidates(self, name: str, limit: int = 5) -> list[Candidate]:
        """At most `limit` candidates that the name could be; 99 at most, for a certain match is not a candidate."""
        wanted = self._prepare(name)
        if not wanted:
            return []
        near = process.extract(wanted, self._plain, scorer=fuzz.WRatio, limit=25, score_cutoff=COULD_BE)
        scores = ((likeness(wanted, self._plain[i]), -i) for _, _, i in near)
        best = nlargest(limit, (s for s in scores if s[0] >= COULD_BE))
        return [Candidate(self._ids[-i], self._names[-i], min(99, round(score))) for score, i in best]


def likeness(one: str, other: str) -> float:
    """Likeness of two prepared names, 0 to 100: word order counts little, and a word more or less costs, but not everything."""
    ordered = max(fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")), fuzz.token_sort_ratio(one, other))
    shared = 0.9 * fuzz.token_set_ratio(one, other) if min(len(one.split()), len(other.split())) > 1 else 0.0
    return max(ordered, shared)
