"""Items from a table (CSV), as spreadsheets save it: read whole, and stored only when all of it is right."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.access import Officer
from app.domain.errors import Invalid, InvalidAnswers, XianjieError
from app.domain.items import BY_KEY, FIELDS, read_item
from app.services.cases import see_case_row
from app.services.items_writing import code_taken, keep_rows
from app.services.work import Work
from app.storage import facts

MOST_ROWS = 2_000
MOST_BYTES = 1024 * 1024
"""A megabyte holds 2,000 rows of 500 bytes."""

_ENOUGH = 8
"""So many letters that read well as UTF-8 are no accident: the file is a broken one, not one in GB18030."""

_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True, kw_only=True)
class TableFault:
    """What is wrong in a table: the row as a spreadsheet counts it (the header is row 1), the column, a sentence."""

    row: int
    column: str
    zh: str
    en: str


class TableRefused(Invalid):
    """A table that was not stored; all its faults at once."""

    def __init__(self, faults: Sequence[TableFault]) -> None:
        self.faults = list(faults)
        super().__init__(
            f"表格有 {len(faults)} 处错误，没有保存任何一行",
            f"The table has {len(faults)} faults; no row was stored",
            at="table",
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.faults,))


def template(*, english: bool = False) -> bytes:
    """Give an empty table with every column, as UTF-8 that spreadsheets recognise."""
    text = io.StringIO()
    csv.writer(text).writerow([field.en if english else field.zh for field in FIELDS])
    return text.getvalue().encode("utf-8-sig")


def import_table(work: Work, officer: Officer, case_id: str, content: bytes) -> list[str]:
    """Write the items of a table down; give their codes. Raises TableRefused with every fault; nothing is stored then.

    UTF-8 or GB18030; the header in Chinese, in English or by the keys of the fields, in any order.
    """
    case = see_case_row(work, officer, case_id)
    columns, rows = _read_rows(content)
    faults: list[TableFault] = []
    taken = facts.taken_codes(work.connection, "items", case.id)
    met: dict[str, int] = {}
    items: list[dict[str, Any]] = []
    for number, cells in rows:
        given = dict(zip(columns, cells, strict=False))
        if any(cells[len(columns) :]):
            faults.append(_fault(number, "", f"多于标题行的 {len(columns)} 列", "More cells than the header has"))
        try:
            item = read_item(given)
        except InvalidAnswers as refused:
            faults += [
                TableFault(row=number, column=key, zh=zh, en=en)
                for key, sentences in refused.fields.items()
                for zh, en in sentences
            ]
            item = {}
        code = given.get("code", "").strip()
        if code and code in met:
            first = met[code]
            faults.append(
                _fault(number, "code", f"编号 {code} 与第 {first} 行重复", f"Code {code} is that of row {first}")
            )
        elif code in taken:
            faults.append(_fault(number, "code", *code_taken(code)))
        met.setdefault(code, number)
        items.append(item)
    if not rows and not faults:
        faults.append(_fault(2, "", "表格里没有物品", "There are no items in the table"))
    if faults:
        raise TableRefused(faults)
    keep_rows(work, officer, case, items)
    return [str(item["code"]) for item in items]


def _read_rows(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Give the keys of the columns, and the rows that are not empty with their numbers."""
    try:
        lines = list(_lines(_text(content)))
    except csv.Error as broken:
        raise TableRefused([_fault(1, "", f"不是有效的 CSV：{broken}", f"This is not valid CSV: {broken}")]) from None
    except XianjieError as refused:
        raise TableRefused([_fault(1, "", refused.zh, refused.en)]) from None
    rows = [(number, cells) for number, cells in enumerate(lines, 1) if any(cell.strip() for cell in cells)]
    if not rows:
        raise TableRefused([_fault(1, "", "文件是空的", "The file is empty")])
    if len(rows) > MOST_ROWS + 1:
        raise TableRefused(
            [
                _fault(
                    1,
                    "",
                    f"最多 {MOST_ROWS} 行，现有 {len(rows) - 1} 行",
                    f"At most {MOST_ROWS} rows, not {len(rows) - 1}",
                )
            ]
        )
    number, header = rows[0]
    return _columns(header, number), rows[1:]


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Invalid(f"文件大于 {MOST_BYTES // 1024} KB", f"The file is larger than {MOST_BYTES // 1024} KB")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("请另存为“CSV UTF-8”后再上传", "Save it as “CSV UTF-8” first: this is UTF-16")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Invalid("这是 Excel 文件，请另存为 CSV 后再上传", "This is a workbook: save it as CSV first")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        # What reads well as UTF-8 for a while and then breaks is a damaged file; as GB18030 it would be garbage.
        before = content[: broken.start].decode("utf-8")
        if sum(not letter.isascii() for letter in before) < _ENOUGH:
            try:
                return content.decode("gb18030")
            except UnicodeDecodeError:
                pass
    raise Invalid("既不是 UTF-8 也不是 GB18030（GBK）编码", "The file is neither UTF-8 nor GB18030 (GBK)")


def _lines(text: str) -> Iterator[list[str]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _columns(header: Sequence[str], number: int) -> list[str]:
    while header and not header[-1].strip():
        header = header[:-1]
    keys, faults = [], []
    for cell in header:
        name = cell.strip()
        key = _KEYS.get(name.casefold(), "")
        if not key:
            shown = "".join(letter if letter.isprintable() else "?" for letter in name[:40])
            faults.append(_fault(number, shown, f"没有名为“{shown}”的列", f"There is no column called “{shown}”"))
        elif key in keys:
            faults.append(_fault(number, key, "这一列出现两次", "This column stands twice"))
        keys.append(key)
    faults += [
        _fault(number, field.key, f"缺少“{field.zh}”列", f"The column “{field.en}” is missing")
        for field in FIELDS
        if field.required and field.key not in keys
    ]
    if faults:
        raise TableRefused(faults)
    return keys


def _fault(row: int, column: str, zh: str, en: str) -> TableFault:
    return TableFault(row=row, column=column, zh=zh, en=en)


_KEYS: Mapping[str, str] = {
    name.casefold(): field.key for field in BY_KEY.values() for name in (field.key, field.zh, field.en)
}
