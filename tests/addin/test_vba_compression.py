"""The compression of VBA source: what others compressed is read, and what we compress is read by others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin.compound_file import read_compound_file
from addin.errors import Damaged
from addin.vba_compression import compress, decompress
from tests.addin.other_readers import decompressed
from tests.addin.test_compound_file import OFFICE_FILES, project_of

TEXTS = st.lists(st.sampled_from([b"End Sub\r\n", b"Dim i As Integer\r\n", b"' a", b"a", b"\r\n"]), max_size=900).map(b"".join)


@given(TEXTS)
def test_text_comes_back_and_another_program_reads_the_same(text: bytes) -> None:
    packed = compress(text)
    assert decompress(packed) == text
    assert not text or decompressed(packed) == text


@given(st.binary(max_size=3000))
def test_what_cannot_be_compressed_comes_back(content: bytes) -> None:
    assert decompress(compress(content)) == content


def test_text_gets_smaller() -> None:
    text = b"    ParameterString = ParameterString + something\r\n" * 100
    assert len(compress(text)) < len(text) / 10


def test_what_office_compressed_is_read_as_another_program_reads_it() -> None:
    for path in OFFICE_FILES:
        directory = read_compound_file(project_of(path))["VBA/dir"]
        assert decompress(directory) == decompressed(directory)


@pytest.mark.parametrize("content", [b"", b"\x02abc", b"\x01\x10", b"\x01\x04\xb0\xff\x10\x80", b"\x01\x02\xb0\x01\xff"])
def test_what_is_not_compressed_is_told(content: bytes) -> None:
    with pytest.raises(Damaged):
        decompress(content)
