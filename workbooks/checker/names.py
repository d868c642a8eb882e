"""The XML names of a workbook, shortened: plain for spreadsheets, `r:` for relationships, whatever prefix a program gives them."""

SPREADSHEET = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
RELATIONSHIP = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_PLAIN = (
    *SPREADSHEET,
    "http://schemas.openxmlformats.org/package/2006/content-types",
    "http://schemas.openxmlformats.org/package/2006/relationships",
    "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
)


class Short(dict[str, str]):
    """Short names by those that the parser gives, "address name"; worked out once each."""

    def __missing__(self, name: str) -> str:
        space, _, local = name.rpartition(" ")
        short = local if space in _PLAIN or not space else f"r:{local}" if space in RELATIONSHIP else f"{{{space}}}{local}"
        self[name] = short
        return short
