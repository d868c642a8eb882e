"""What makes Excel offer to repair a workbook, found without Excel: no schema and no public validator sees most of it."""

from workbooks.checker.faults import Fault
from workbooks.checker.whole import check_workbook

__all__ = ["Fault", "check_workbook"]
