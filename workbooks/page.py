"""Print set-up, the same on every sheet."""

from xlsxwriter.worksheet import Worksheet

from workbooks.identity import Identity

A4 = 9


def print_setup(worksheet: Worksheet, identity: Identity) -> None:
    """Landscape, one page wide; run, sheet and page in the footer."""
    worksheet.set_landscape()
    worksheet.set_paper(A4)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    run = f"{identity.entity} · {identity.period} · run {identity.run_id} rev {identity.revision}"
    worksheet.set_footer(f"&L&8{_literal(run)}&C&8&A&R&8Page &P of &N")


def _literal(text: str) -> str:
    return " " + text[:150].replace("&", "&&")
