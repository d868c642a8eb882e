"""From which day a change may start (R5): the first open period, another period's start, or any day where the PSA prorates."""

import datetime as dt
from dataclasses import dataclass

from core.periods import DAY
from core.records import Agreement, Comparison
from core.scope import cancelled_date, first_open_day, invoiced_period, is_period_start, short_date
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class DateRules:
    """What decides over a date: the agreement's periods, its proration, and what is closed."""

    default: dt.date  # first day of the first period not yet invoiced
    invoiced_from: dt.date  # first day of the period invoiced last
    invoiced_through: dt.date | None
    cycle_months: int
    prorates: bool
    backdates: bool  # the PSA bills a line dated inside an invoiced period
    locked_through: dt.date | None
    today: dt.date

    @classmethod
    def of(cls, subject: Comparison | Agreement, settings: Settings, today: dt.date) -> "DateRules":
        months = subject.months if isinstance(subject, Comparison) else subject.cycle_months
        invoiced = subject.invoiced_through
        return cls(
            first_open_day(invoiced, today),
            invoiced_period(invoiced, months, today)[0],
            invoiced,
            months,
            subject.prorates,
            settings.psa != "connectwise" or settings.bills_lines_inside_invoiced_period,
            settings.locked_through,
            today,
        )


def problem_with(
    day: dt.date, rules: DateRules, *, increase: bool, reason: str | None, new_line: bool = False, price_only: bool = False
) -> tuple[str, tuple[str, ...]]:
    """Why a change may not start that day (empty where it may), and what to know if it does."""
    if rules.locked_through and day <= rules.locked_through:
        return f"{day} lies in a closed period (closed through {rules.locked_through}); choose a later date", ()
    if not rules.prorates and not is_period_start(day, rules.invoiced_through, rules.cycle_months, rules.today):
        return f"the agreement does not prorate: choose a period's start, for example {rules.default}", ()
    if day >= rules.default:
        return "", ()
    if price_only:
        return f"a price changes with a period that is not invoiced: choose {rules.default}, and bill what is older by hand", ()
    return _backdated(day, rules, increase=increase, reason=reason, new_line=new_line)


def problem_with_span(day: dt.date, row: Comparison, rules: DateRules, settings: Settings, *, ending: bool) -> str:
    """Why a change of that day does not fit between the line's own first and last day; empty where it does."""
    if row.ends and day >= row.ends:
        last = row.ends - DAY
        if ending:
            return f"the line already ends on {last} (its last billed day): choose an earlier date, or Dismiss"
        return (
            f"the line ends on {last} (its last billed day): choose an earlier date, or clear its cancelled date in the PSA first"
        )
    cancels = ending or day > rules.default
    if not (cancels and row.starts and cancelled_date(day, settings) < row.starts):
        return ""
    if ending:
        return f"the line starts on {row.starts} and cannot end before: choose a later date, or delete the line in the PSA"
    return f"the line starts on {row.starts}: choose {rules.default}, which changes it in place, or a date after its start"


def _backdated(
    day: dt.date, rules: DateRules, *, increase: bool, reason: str | None, new_line: bool
) -> tuple[str, tuple[str, ...]]:
    if not rules.prorates and not new_line:
        return f"{day} is invoiced and the agreement does not prorate; choose {rules.default} or later", ()
    if not rules.backdates:
        return (
            f"{day} is invoiced, and the PSA is set not to bill lines dated inside an invoiced period; choose {rules.default}",
            (),
        )
    if not increase:
        return f"a decrease from {day} would be a refund of what is invoiced; choose {rules.default}, or credit it by hand", ()
    if day < rules.invoiced_from:
        first = short_date(rules.invoiced_from)
        return f"{day} is before the period invoiced last ({first}); bill what is older by hand", ()
    if not reason:
        return f"{day} is before {rules.default}, the first day not invoiced: a reason is wanted", ()
    return "", (f"dated inside an invoiced period (invoiced through {rules.default - DAY})",)
