"""A list of products as spreadsheets save it: whatever the encoding, the delimiter and the names of the columns. Pure.

Excel in Korea saves CP949 unless told otherwise, UTF-16 as "Unicode text", and semicolons or tabs by its settings.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 1_000_000
MOST_ROWS: Final = 200
"""Ads of one run; a larger list is done in parts."""

DELIMITERS: Final = (",", ";", "\t")

COLUMNS: Final = {
    "product": ("상품", "상품명", "이름", "제품", "제품명", "품명", "product", "productname", "name"),
    "price": ("가격", "판매가", "금액", "price"),
    "unit": ("단위", "용량", "unit"),
    "copy": ("문구", "광고문구", "카피", "제목", "copy", "text", "headline"),
    "photo": ("사진", "사진파일", "이미지", "파일", "photo", "photofile", "image", "file", "filename"),
    "scene": ("배경", "장면", "scene", "background"),
    "sizes": ("크기", "사이즈", "규격", "size", "sizes", "format", "formats"),
    "notes": ("특징", "설명", "메모", "notes", "description"),
}
"""What a column may be called, without spaces and in small letters."""

_NOT_TEXT: Final = {b"PK\x03\x04": "is_workbook", b"\xd0\xcf\x11\xe0": "is_workbook"}
"""How .xlsx and .xls begin."""


class TableProblem(Exception):
    """The list as a whole can't be read; ``key`` says why (``batch.list.*``)."""

    def __init__(self, key: str, **details: object) -> None:
        super().__init__(key)
        self.key, self.details = key, details


@dataclass(frozen=True, slots=True)
class Line:
    """One row by column; ``number`` is the line of the file it begins on, as spreadsheets count."""

    number: int
    cells: dict[str, str]


def read_table(data: bytes) -> list[Line]:
    """The rows in order; empty ones are left out. Raises TableProblem."""
    if not data.strip(b"\x00 \r\n\t"):
        raise TableProblem("empty")
    if len(data) > MOST_BYTES:
        raise TableProblem("too_large", limit=MOST_BYTES // 1000)
    text = decoded(data)
    rows = _rows(text, _delimiter(text))
    if not rows:
        raise TableProblem("empty")
    columns = _columns(rows[0][1])
    lines = [Line(number, _by_column(columns, cells)) for number, cells in rows[1:]]
    lines = [line for line in lines if any(line.cells.values())]
    if not lines:
        raise TableProblem("no_rows")
    if len(lines) > MOST_ROWS:
        raise TableProblem("too_many", limit=MOST_ROWS, count=len(lines))
    return lines


def decoded(data: bytes) -> str:
    """The text in whichever of the four encodings it is. Raises TableProblem."""
    if key := next((key for start, key in _NOT_TEXT.items() if data.startswith(start)), None):
        raise TableProblem(key)
    for encoding in _likely(data):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\x00" not in text:
            return unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    raise TableProblem("encoding")


def _likely(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if data.count(0) > len(data) // 8:  # Latin letters and delimiters of UTF-16 without its mark
        return ("utf-16-le", "utf-16-be") if data[1::2].count(0) > data[::2].count(0) else ("utf-16-be", "utf-16-le")
    return ("utf-8-sig", "cp949")


def _delimiter(text: str) -> str:
    """What stands most often in the first line, outside quotes; a comma where there is one column."""
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").splitlines()[0] if text.strip() else "")
    return max(DELIMITERS, key=first.count)


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows with the line each begins on. Raises TableProblem."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, begins = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error:
        raise TableProblem("quotes", line=begins) from None
    return rows


def _columns(header: list[str]) -> list[str]:
    """The name of each column; empty for one that is not ours. Raises TableProblem."""
    names = [_column(cell) for cell in header]
    if "product" not in names:
        raise TableProblem("no_product_column")
    twice = next((cell for cell, name in zip(header, names, strict=True) if name and names.count(name) > 1), None)
    if twice is not None:
        raise TableProblem("column_twice", column=twice.strip()[:40])
    return names


def _column(cell: str) -> str:
    plain = re.sub(r"[\s_()-]+", "", cell).casefold()
    return next((name for name, known in COLUMNS.items() if plain in known), "")


def _by_column(columns: list[str], cells: list[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
