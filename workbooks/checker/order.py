"""The order in which Excel wants the elements of a part; it takes no other."""

from collections.abc import Iterable

from workbooks.checker.faults import Note

WORKSHEET = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios autoFilter "
    "sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks "
    "printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags "
    "drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst"
)
WORKBOOK = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences definedNames "
    "calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr webPublishObjects "
    "extLst"
)
STYLES = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
TABLE = "autoFilter sortState tableColumns tableStyleInfo extLst"
_REPEATED = ("conditionalFormatting", "cols", "fileRecoveryPr")


def check_order(found: Iterable[str], standard: str, place: str, note: Note) -> None:
    """Each element once, and none behind one that it must stand before. Elements of other vocabularies may stand anywhere."""
    wanted, highest, before = standard.split(), -1, ""
    for name in found:
        if "{" in name:
            continue
        if name not in wanted:
            note(place, f"<{name}> is no element of this part", "remove it")
            continue
        rank = wanted.index(name)
        if rank < highest:
            note(place, f"<{name}> stands behind <{before}>", "put the elements into the order of the standard")
        elif rank == highest and name not in _REPEATED:
            note(place, f"<{name}> stands there twice", "keep one of them")
        if rank > highest:
            highest, before = rank, name
