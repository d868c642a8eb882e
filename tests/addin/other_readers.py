"""What another program, olevba of oletools, makes of a VBA project; and XML."""

import warnings
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it calls a parser by names that are going out of use
    from oletools import olevba


def decompressed(content: bytes) -> bytes:
    return bytes(olevba.decompress_stream(bytearray(content)))


def modules(path: Path) -> dict[str, str]:
    """The modules' sources by file name, as TieoutRibbon.bas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = olevba.VBA_Parser(str(path))
        found = {name: source for _, _, name, source in parser.extract_macros()}
        parser.close()
    return found


def parsed(xml: bytes | str) -> Element:
    """The root of an XML part that was built here."""
    return fromstring(xml)  # noqa: S314
