"""Sheets of labels on A4: how many, how large, and where each one lies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.custody import shown
from app.domain.errors import Invalid

WIDTH, HEIGHT = 210.0, 297.0
"""Of A4 (ISO 216), in millimetres."""

MOST = 2000
"""Labels of one file."""


@dataclass(frozen=True, kw_only=True)
class LabelSheet:
    """A sheet: columns, rows, the size of a label and the margins at the left and the top; all in millimetres."""

    key: str
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    gap: float = 0.0
    qr: float

    @property
    def count(self) -> int:
        """How many labels are on a sheet."""
        return self.columns * self.rows


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a label lies: the page from 0, and its upper left corner in millimetres."""

    page: int
    x: float
    y: float


SHEETS: Mapping[str, LabelSheet] = {
    sheet.key: sheet
    for sheet in (
        LabelSheet(key="3x8", columns=3, rows=8, width=70, height=37, left=0, top=0.5, qr=29),
        LabelSheet(key="2x7", columns=2, rows=7, width=99.1, height=38.1, left=4.65, top=15.15, gap=2.5, qr=32),
        LabelSheet(key="4x10", columns=4, rows=10, width=48.5, height=25.4, left=8, top=21.5, qr=21),
    )
}
"""What is sold: 24 of 70 × 37 mm, 14 of 99.1 × 38.1 mm, 40 of 48.5 × 25.4 mm, centred on the sheet."""


def read_sheet(key: str) -> LabelSheet:
    """Find a sheet of labels. Raises Invalid, at `sheet`."""
    if key not in SHEETS:
        raise Invalid(f"没有这种标签纸：{shown(key)}", f"There is no such sheet of labels: {shown(key)}", at="sheet")
    return SHEETS[key]


def read_start(text: str, sheet: LabelSheet) -> int:
    """Check the first free label of a used sheet, counted from 1 by rows. Raises Invalid, at `start`."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(sheet.count)) else 0
    if not 1 <= number <= sheet.count:
        raise Invalid(f"起始位置应为 1 至 {sheet.count}", f"The first label is one of 1 to {sheet.count}", at="start")
    return number


def spots(sheet: LabelSheet, *, start: int, count: int) -> Iterator[Spot]:
    """Give the places of so many labels, row by row, beginning with label `start` of the first sheet."""
    for index in range(start - 1, start - 1 + count):
        page, on_page = divmod(index, sheet.count)
        row, column = divmod(on_page, sheet.columns)
        yield Spot(
            page=page,
            x=round(sheet.left + column * (sheet.width + sheet.gap), 3),
            y=round(sheet.top + row * sheet.height, 3),
        )
