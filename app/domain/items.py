"""What is written down of an item before it enters custody: the fields of SPC2021 437 and MPS2020 230, in one table.

Every kind has the fields for all; `NEEDS` says which of the others a kind has or must have, each with its article.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

from app.domain.custody import ITEM_KINDS, Wording, read_code, read_day, read_text
from app.domain.custody_quantity import MEASURED, read_quantity, read_unit, written
from app.domain.errors import Invalid, InvalidAnswers

Shape = Literal["text", "code", "kind", "quantity", "unit", "day", "moment", "choice", "hash"]

FIRST_YEAR = 1900
"""Nobody seized anything earlier that is still in custody; before year 1 of UTC an hour cannot even be computed."""

BEIJING = timezone(timedelta(hours=8))
PROPOSALS: Mapping[str, str] = {
    "移送": "Hand over",
    "作为证据入卷": "Into the file as evidence",
    "没收": "Confiscate",
    "没收销毁": "Confiscate and destroy",
    "销毁": "Destroy",
    "返还被害人": "Return to the victim",
    "返还被告人": "Return to the defendant",
    "追缴": "Recover",
    "责令退赔": "Order restitution",
    "上缴国库": "Pay to the treasury",
    "待定": "Undecided",
}
"""What the giver proposes to do with an item (MPS2020 288; SPC2021 445)."""

HASHES: Mapping[str, int] = {"SHA-256": 64, "SM3": 64, "SHA-1": 40, "MD5": 32}
"""Algorithms and how many hex digits their values have; the law names none (EDATA 29)."""

MONEY = frozenset(unit for unit, places in MEASURED.items() if places == 2)  # noqa: PLR2004 - cents
"""Units in which money is counted."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that is asked of an item; `group` is the part of the form, `longest` in characters."""

    key: str
    zh: str
    en: str
    group: Literal["what", "origin", "keeping"] = "what"
    shape: Shape = "text"
    longest: int = 100
    choices: Mapping[str, str] | None = None
    required: bool = False
    article: str = ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A field that a kind has beside those of all; `article` is why."""

    key: str
    article: str
    required: bool = True


FIELDS: tuple[Field, ...] = (
    Field(key="code", zh="编号", en="Code", shape="code", required=True, article="MPS2020 230"),
    Field(key="name", zh="名称", en="Name", required=True, article="MPS2020 230; SPC2021 437"),
    Field(key="category", zh="种类", en="Kind", shape="kind", required=True, article="CPL 50"),
    Field(key="qty", zh="数量", en="Quantity", shape="quantity", required=True, article="MPS2020 230"),
    Field(key="unit", zh="计量单位", en="Unit", shape="unit", required=True, article="MPS2020 230"),
    Field(key="model", zh="型号", en="Model", article="SPC2021 437"),
    Field(key="spec", zh="规格", en="Specification", article="SPC2021 437"),
    Field(key="weight", zh="重量", en="Weight", longest=40, article="SPC2021 437"),
    Field(key="quality", zh="质量、成色", en="Quality", article="SPC2021 437"),
    Field(key="purity", zh="纯度", en="Purity", longest=40, article="SPC2021 437"),
    Field(key="colour", zh="颜色", en="Colour", longest=40, article="SPC2021 437"),
    Field(key="condition", zh="特征、新旧程度", en="Features and condition", longest=200, article="MPS2020 230"),
    Field(key="defects", zh="缺损特征", en="Defects", longest=200, article="SPC2021 437"),
    Field(key="holder", zh="持有人", en="Holder", group="origin", article="MPS2020 230"),
    Field(key="witness", zh="见证人", en="Witness", group="origin", article="MPS2020 230"),
    Field(
        key="signing_note",
        zh="拒签或者不在场的说明",
        en="Refusal to sign, or absence",
        group="origin",
        longest=200,
        article="MPS2020 230",
    ),
    Field(key="origin", zh="来源", en="Origin", group="origin", article="MPS2020 230; SPC2021 437"),
    Field(
        key="seized_at", zh="扣押（提取）时间", en="Seized at", group="origin", shape="moment", article="MPS2020 230"
    ),
    Field(key="seized_place", zh="扣押（提取）地点", en="Seized where", group="origin", longest=200),
    Field(
        key="doc_no", zh="扣押文书或者报告编号", en="Seizure decision or report", group="origin", article="MPS2020 229"
    ),
    Field(key="seal_no", zh="封签号", en="Seal", group="keeping", article="EDATA 8"),
    Field(key="storage_place", zh="存放地点", en="Kept at", group="keeping", longest=200, article="SPC2021 444"),
    Field(key="shelf", zh="货架", en="Shelf", group="keeping", longest=40),
    Field(key="proposal", zh="处理意见", en="Proposal", group="keeping", shape="choice", choices=PROPOSALS),
    Field(key="account_no", zh="账户", en="Account", group="keeping", article="SPC2021 437; PROP2015"),
    Field(key="serial_no", zh="号码（冠字号、票号、证号）", en="Number (banknote, security, title)"),
    Field(key="issuer", zh="出具机构", en="Issued by"),
    Field(key="address", zh="坐落", en="Address", longest=200),
    Field(key="plate_no", zh="车牌号", en="Plate number", longest=20),
    Field(key="vin", zh="车辆识别代号", en="Vehicle identification number", longest=20),
    Field(key="engine_no", zh="发动机号", en="Engine number", longest=40),
    Field(key="expiry", zh="保质期至", en="Best before", shape="day"),
    Field(key="hazard", zh="危险性", en="Hazard"),
    Field(key="format", zh="文件格式", en="File format", longest=40),
    Field(key="duration", zh="时长", en="Length", longest=40),
    Field(
        key="hash_alg",
        zh="校验算法",
        en="Hash algorithm",
        shape="choice",
        choices={name: name for name in HASHES},
    ),
    Field(key="hash", zh="完整性校验值", en="Hash", shape="hash", longest=64),
    Field(key="hash_time", zh="校验时间", en="Hashed at", shape="moment"),
)
BY_KEY: Mapping[str, Field] = {field.key: field for field in FIELDS}

_HASHED = ("hash_alg", "hash", "hash_time")
NEEDS: Mapping[str, tuple[Need, ...]] = {
    "书证": (Need(key="issuer", article="MPS2020 230", required=False),),
    "鉴定意见": (Need(key="issuer", article="CPL 50; MPS2020 250"),),
    "勘验检查等笔录": (Need(key="issuer", article="CPL 50", required=False),),
    "视听资料": (
        Need(key="format", article="EDATA 14", required=False),
        Need(key="duration", article="SPC2021 437", required=False),
        *(Need(key=key, article="EDATA 14", required=False) for key in _HASHED),
    ),
    "电子数据": (
        Need(key="format", article="EDATA 14"),
        Need(key="hash_alg", article="EDATA 14"),
        Need(key="hash", article="EDATA 14"),
        Need(key="hash_time", article="EDATA 14", required=False),
    ),
    "款项": (Need(key="account_no", article="SPC2021 437; PROP2015"),),
    "现金": (
        Need(key="account_no", article="SPC2021 437; PROP2015", required=False),
        Need(key="serial_no", article="MPS2020 230", required=False),
    ),
    "有价证券": (
        Need(key="serial_no", article="SPC2021 437"),
        Need(key="issuer", article="SPC2021 437", required=False),
    ),
    "不动产权证": (
        Need(key="serial_no", article="MPS2020 231"),
        Need(key="address", article="MPS2020 231"),
    ),
    "车辆": (
        Need(key="plate_no", article="SPC2021 437"),
        Need(key="vin", article="SPC2021 437", required=False),
        Need(key="engine_no", article="SPC2021 437", required=False),
    ),
    "易腐物品": (Need(key="expiry", article="MPS2020 236; SPC2021 439"),),
    "危险物品": (Need(key="hazard", article="MPS2020 236"),),
}
"""What the kinds have beside the fields of all."""

_OF_SOME = frozenset(need.key for needs in NEEDS.values() for need in needs)
_TAKEN = {"电子数据": "extracted", "鉴定意见": "obtained"}
_LIKE_FORMULAS = ("=", "+", "@", "＝", "＋", "＠")
_A_FORMULA = re.compile(r"[-－]\s*[\d(（=@+A-Za-z]")
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_MOMENT = re.compile(r"(\d{4}[-/]\d{1,2}[-/]\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]+", re.ASCII)


def fields_of(kind: str) -> list[tuple[Field, Need | None]]:
    """Give the fields of a kind in the order of the table; `Need` says why it has those that not all have."""
    needs = {need.key: need for need in NEEDS.get(kind, ())}
    return [(field, needs.get(field.key)) for field in FIELDS if field.key not in _OF_SOME or field.key in needs]


def is_required(field: Field, need: Need | None) -> bool:
    """Whether an item of the kind cannot be written down without it."""
    return field.required or (need is not None and need.required)


def how_taken(kind: str) -> str:
    """Give how an item of a kind usually comes into custody (a kind of `seized`)."""
    return _TAKEN.get(kind, "seizure")


def sha256_of(data: Mapping[str, Any]) -> str:
    """Give the SHA-256 a row states, empty when it states none or that of another algorithm."""
    value = str(data.get("hash") or "").strip()
    algorithm = str(data.get("hash_alg") or "SHA-256")
    return value if algorithm == "SHA-256" and len(value) == HASHES["SHA-256"] else ""


def read_item(given: Mapping[str, str]) -> dict[str, Any]:
    """Check what was entered of one item and give its row; empty fields are left out.

    Raises InvalidAnswers, field → sentences, with every fault at once.
    """
    faults: dict[str, list[tuple[str, str]]] = {}
    row: dict[str, Any] = {}

    def read(key: str, field: Field) -> None:
        try:
            row[key] = _READ[field.shape](given[key], field)
        except Invalid as refused:
            faults[key] = [(refused.zh, refused.en)]

    entered = {key: value.strip(" ") for key, value in given.items()}
    given = {key: value for key, value in entered.items() if value}
    kind = _kind(given.get("category", ""))
    asked = {field.key: (field, need) for field, need in fields_of(kind)}
    for key in given:
        if key not in asked and (kind in ITEM_KINDS or key not in BY_KEY):
            faults[key] = [_no_such_field(key, kind)]
    for key, (field, need) in asked.items():
        if key in given:
            read(key, field)
        elif is_required(field, need):
            faults[key] = [_missing(field, need)]
    _read_together(given, row, faults)
    if faults:
        raise InvalidAnswers(faults)
    return row


def _read_together(given: Mapping[str, str], row: dict[str, Any], faults: dict[str, list[tuple[str, str]]]) -> None:
    """What only two fields say together: the quantity in its unit, money in a currency, a hash of its algorithm."""
    if "qty" in given and "unit" in row:
        try:
            row["qty"] = plain_number(read_quantity(given["qty"], row["unit"], at="qty"))
        except Invalid as refused:
            faults["qty"] = [(refused.zh, refused.en)]
    if row.get("category") in ("款项", "现金") and row.get("unit") not in {*MONEY, None}:
        faults["unit"] = [("款项以货币单位计，例如 元", "Money is counted in a currency, such as 元 or USD")]
    wanted, value = HASHES.get(row.get("hash_alg", "")), row.get("hash")
    if value and wanted is None and "hash_alg" not in faults:
        faults["hash_alg"] = [("请注明校验算法", "Say by which algorithm it was hashed")]
    elif value and wanted and len(value) != wanted:
        algorithm = row["hash_alg"]
        faults["hash"] = [
            (
                f"{algorithm} 校验值应为 {wanted} 位，现为 {len(value)} 位",
                f"A {algorithm} value has {wanted} hex digits; this has {len(value)}",
            )
        ]


def plain_number(quantity: Decimal) -> int | float:
    """Give a quantity as rows keep it: a JSON number, as forms give it."""
    return int(quantity) if quantity == quantity.to_integral_value() else float(written(quantity))


def _kind(text: str) -> str:
    return next((kind for kind, en in ITEM_KINDS.items() if text == kind or text.lower() == en.lower()), text)


def _no_such_field(key: str, kind: str) -> tuple[str, str]:
    field = BY_KEY.get(key)
    if field is None:
        return ("没有这一项", "There is no such field")
    return (f"“{kind}”没有“{field.zh}”一项", f"An item of this kind has no “{field.en}”")


def _missing(field: Field, need: Need | None) -> tuple[str, str]:
    article = need.article if need else ""
    basis = (f"（{article}）", f" ({article})") if article else ("", "")
    return (f"请填写{field.zh}{basis[0]}", f"“{field.en}” is required{basis[1]}")


def _read_kind(text: str, field: Field) -> str:
    kind = _kind(text)
    if kind not in ITEM_KINDS:
        known = "、".join(ITEM_KINDS)
        raise Invalid(f"没有这个种类；可填 {known}", "There is no such kind of item", at=field.key)
    return kind


def _read_text(text: str, field: Field) -> str:
    if text.startswith(_LIKE_FORMULAS) or _A_FORMULA.match(text):
        raise Invalid(
            "不能以 = + - @ 开头：电子表格会当作公式",
            "It cannot begin with = + - @: a spreadsheet would take it for a formula",
            at=field.key,
        )
    return read_text(text, at=field.key, longest=field.longest)


def _read_choice(text: str, field: Field) -> str:
    choices = field.choices or {}
    for zh, en in choices.items():
        if text.lower() in (zh.lower(), en.lower()):
            return zh
    raise Invalid(f"只能填：{'、'.join(choices)}", f"One of: {', '.join(choices.values())}", at=field.key)


def _read_day(text: str, field: Field) -> str:
    found = _DAY.fullmatch(text)
    parts = [f"{int(part):02}" for part in found.groups()] if found else [text]
    return read_day("-".join(parts), at=field.key).isoformat()


def _read_moment(text: str, field: Field) -> str:
    found = _MOMENT.fullmatch(text)
    if not found:
        raise Invalid("时间写作 2026-03-03 09:40", "Write the hour as 2026-03-03 09:40", at=field.key)
    day, hour, minute, second = found.groups()
    if int(day[:4]) < FIRST_YEAR:
        raise Invalid("没有这个时间", "There is no such time", at=field.key)
    whole = f"{_read_day(day, field)}T{int(hour):02}:{minute}:{second or '00'}"
    try:
        return datetime.fromisoformat(whole).replace(tzinfo=BEIJING).isoformat()
    except ValueError:
        raise Invalid("没有这个时间", "There is no such time", at=field.key) from None


def _read_hash(text: str, field: Field) -> str:
    if not _HEX.fullmatch(text):
        raise Invalid("校验值应为十六进制数字", "A hash is hex digits", at=field.key)
    return text.lower()


_READ: Mapping[Shape, Callable[[str, Field], Any]] = {
    "text": _read_text,
    "code": lambda text, field: read_code(text, at=field.key),
    "kind": _read_kind,
    "quantity": lambda text, _field: text,
    "unit": lambda text, field: read_unit(_read_text(text, field), at=field.key),
    "day": _read_day,
    "moment": _read_moment,
    "choice": _read_choice,
    "hash": _read_hash,
}

WORDS: Mapping[str, Wording] = {field.key: (field.zh, field.en) for field in FIELDS}
