"""A large workbook as it would be issued: the example for twelve vendors, whose rows are repeated in the file's own XML."""

import itertools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from core.run import Reconciliation
from tests.workbooks.example import IDENTITY, example
from workbooks.writer import write_workbook

VENDORS = 12
_ROW = re.compile(rb'<row r="\d+".*?</row>', re.DOTALL)
_SST = "xl/sharedStrings.xml"


def large_workbook(path: Path, rows: int) -> Path:
    """`rows` rows over twelve vendors' sheets, each with a key and a fingerprint of its own."""
    small = path.with_name(f"small-{path.name}")
    write_workbook(twelve_vendors(), small, IDENTITY)
    numbers = itertools.count(1)
    with zipfile.ZipFile(small) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        strings = source.read(_SST)
        first = strings.count(b"<si>")
        for name in source.namelist():
            data = source.read(name)
            table = re.search(rb"<f>[^<]*(Lines_\w+)\[\[", data) if "worksheets/sheet" in name else None
            if table:
                data = re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:BX%d"/>' % (7 + rows // VENDORS), data)
                with target.open(name, "w") as part:
                    part.writelines(_repeated(data, rows // VENDORS, first, numbers))
            elif "tables/" in name and b'name="Lines_' in data:
                target.writestr(name, re.sub(rb'ref="A8:([A-Z]+)\d+"', rb'ref="A8:\g<1>%d"' % (7 + rows // VENDORS), data))
            elif name != _SST:
                target.writestr(name, data)
        made = next(numbers)
        own = b"".join(b"<si><t>line:9%07d</t></si><si><t>%064x</t></si>" % (n, n) for n in range(1, made))
        strings = re.sub(rb' (count|uniqueCount)="\d+"', b"", strings)
        target.writestr(_SST, strings.replace(b"</sst>", own + b"</sst>"))
    small.unlink()
    return path


def twelve_vendors() -> Reconciliation:
    """The example's rows of one vendor, once for each of twelve."""
    made = example()
    one = made.comparisons[made.comparisons["vendor"] == "Microsoft"]
    frames = []
    for number in range(VENDORS):
        frame = one.copy()
        frame["vendor"] = pd.Series(f"Vendor {number:02}", index=frame.index, dtype=one["vendor"].dtype)
        frame["key"] = (frame["key"].astype(str) + f"-{number}").astype(one["key"].dtype)
        frames.append(frame)
    return replace(made, comparisons=pd.concat(frames, ignore_index=True))


def _repeated(data: bytes, rows: int, first: int, numbers: Iterator[int]) -> Iterator[bytes]:
    """The sheet with that many rows in its table; Key and Fingerprint are shared strings from `first` on, two a row."""
    found = list(_ROW.finditer(data))
    templates = [_template(one[0]) for one in found if b"[#This Row]" in one[0]]
    start = next(one for one in found if b"[#This Row]" in one[0])
    head = int(re.match(rb'<row r="(\d+)"', start[0])[1])  # type: ignore[index]
    yield data[: start.start()]
    for place in range(rows):
        string = first + 2 * (next(numbers) - 1)
        yield (
            templates[place % len(templates)]
            .replace(b"\0R", b"%d" % (head + place))
            .replace(b"\0K", b"%d" % string)
            .replace(b"\0F", b"%d" % (string + 1))
        )
    yield data[found[-1].end() :]


def _template(row: bytes) -> bytes:
    row = re.sub(rb'(<row r="|<c r="[A-Z]+)\d+"', rb"\1" + b'\0R"', row)
    for column, mark in ((b"BK", b"\0K"), (b"BL", b"\0F")):
        row = re.sub(rb'(<c r="%s\0R"[^>]*>)<v>\d+</v>' % column, rb"\1<v>" + mark + b"</v>", row)
    return row
