"""The chain of custody (证据与涉案财物保管链): what may happen to an item, and one act told in full.

MPS2020 230–236, PROP2015 11, SPC2021 437–445: who, when, why, by which document, how much, from whom to whom.
An `Act` that exists is well formed; whether it fits what happened before is for the ledger to say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from app.domain import identity
from app.domain.custody_particulars import LONGEST_PARTICULAR, PARTICULARS
from app.domain.custody_quantity import read_quantity, read_unit
from app.domain.errors import Invalid
from app.domain.file_names import check_words

Wording = tuple[str, str]
"""Chinese and English."""

ITEM_KINDS: Mapping[str, str] = {
    "物证": "Physical evidence",
    "书证": "Documentary evidence",
    "证人证言": "Witness statement",
    "被害人陈述": "Victim statement",
    "供述和辩解": "Confession and defence",
    "鉴定意见": "Expert opinion",
    "勘验检查等笔录": "Inspection record",
    "视听资料": "Audio-visual material",
    "电子数据": "Electronic data",
    "款项": "Money",
    "有价证券": "Securities",
    "违禁品": "Contraband",
    "不动产权证": "Real-estate title",
    "其他财物": "Other property",
    "易腐物品": "Perishable goods",
    "危险物品": "Dangerous goods",
    "现金": "Cash",
    "车辆": "Vehicle",
}
"""Evidence kinds of CPL 50, kinds of property, and the special goods of MPS2020 236 and SPC2021 439–441."""

ACTIONS: Mapping[str, Wording] = {
    "seized": ("扣押", "Seized"),
    "sealed": ("封存", "Sealed"),
    "sampled": ("抽样", "Sampled"),
    "stored": ("入库", "Stored"),
    "lent": ("借出", "Lent"),
    "returned_to_store": ("归还", "Returned to the store"),
    "handed_over": ("移交", "Handed over"),
    "viewed": ("查看", "Viewed"),
    "copied": ("复制", "Copied"),
    "disposed": ("处置", "Disposed of"),
    "corrected": ("更正", "Corrected"),
}

KINDS: Mapping[str, Mapping[str, Wording]] = {
    "seized": {
        "seizure": ("扣押", "Seizure"),
        "obtained": ("调取", "Obtained"),
        "extracted": ("提取", "Extracted"),
        "surrendered": ("退缴、提交", "Surrendered"),
    },
    "sampled": {"store": ("在库抽样", "From the store"), "loan": ("借出检验消耗", "From what is on loan")},
    "handed_over": {"moved": ("实物移交", "Goods moved"), "not_moved": ("实物不动", "Goods stay where they are")},
    "disposed": {
        "return": ("发还", "Return"),
        "auction": ("拍卖、变卖", "Auction"),
        "destruction": ("销毁", "Destruction"),
        "treasury": ("上缴国库", "Paid to the treasury"),
    },
    "corrected": {
        "less": ("计数、计量更正（减）", "Recorded too much"),
        "more": ("计数、计量更正（增）", "Recorded too little"),
        "lost": ("短少、灭失", "Missing or destroyed"),
        "lost_on_loan": ("借出期间短少、灭失", "Missing or destroyed while on loan"),
        "found": ("寻回", "Found again"),
    },
}

SEAL_STATES: Mapping[str, Wording] = {
    "intact": ("完好", "Intact"),
    "opened": ("依法启封", "Opened lawfully"),
    "broken": ("破损", "Broken"),
    "wrong": ("封签号不符", "Another seal"),
}

TWO_PERSONS = frozenset(("seized", "sampled", "handed_over", "disposed"))
"""MPS2020 223, 229–230, 250; PROP2015: not by one person alone."""

NEEDS_DOCUMENT = frozenset(("seized", "sampled", "lent", "handed_over", "disposed", "corrected"))
"""A decision, record or list stands behind these (MPS2020 229–230, 250; PROP2015 11; SPC2021 444)."""

LONGEST_NAME = 100
LONGEST_REASON = 500
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PATH = re.compile(r"\\|^[/~]|^[A-Za-z]:/|(?:^|/)\.\.?(?:/|$)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person who acted: name, the key of their agency, number of their certificate when known."""

    name: str
    agency: str
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Custodian:
    """Who answers for an item (`agency`), who holds it (`keeper`: another one after 实物不动) and the place."""

    agency: str
    keeper: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Seal:
    """A seal: its number and state (`SEAL_STATES`)."""

    number: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that happened to an item. Raises Invalid, naming the field, for what no trail may hold.

    `quantity` is in `unit`; `file` and `receipt` are SHA-256 in hex (content of electronic data, receipt of a
    hand-over with its signatures); `due` is the day a loan ends; `name` and `category` are told at the seizure only.
    `particulars` are what an action tells beside (`PARTICULARS`), written only when there are any.
    """

    item: str
    action: str
    kind: str = ""
    at: datetime
    who: tuple[Person, ...]
    why: str
    document: str = ""
    quantity: Decimal
    unit: str
    origin: Custodian | None
    to: Custodian | None
    seal: Seal | None = None
    file: str = ""
    receipt: str = ""
    due: str = ""
    name: str = ""
    category: str = ""
    particulars: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        read_code(self.item, at="item")
        self._require_action()
        require_moment(self.at, at="at")
        self._require_persons()
        require_written(self.why, at="why", longest=LONGEST_REASON)
        if self.document or self.action in NEEDS_DOCUMENT:
            require_written(self.document, at="document")
        if read_unit(self.unit) != self.unit:
            raise _not_composed("unit")
        if read_quantity(self.quantity, self.unit) != self.quantity:
            raise Invalid("数量写法不规范", "The quantity is not written plainly", at="quantity")
        for side, at in ((self.origin, "from"), (self.to, "to")):
            if side is not None:
                _require_custodian(side, at)
        self._require_what_belongs_to_it()
        self._require_particulars()

    def _require_action(self) -> None:
        if self.action not in ACTIONS:
            raise Invalid(f"没有这种操作：{shown(self.action)}", f"Unknown action: {shown(self.action)}", at="action")
        kinds = KINDS.get(self.action, {})
        if (self.kind not in kinds) if kinds else self.kind:
            raise Invalid(
                f"“{ACTIONS[self.action][0]}”没有这种方式：{shown(self.kind)}",
                f"“{ACTIONS[self.action][1]}” has no such kind: {shown(self.kind)}",
                at="kind",
            )

    def _require_persons(self) -> None:
        if not self.who:
            raise Invalid("请填写经办人", "Say who acted", at="who")
        for index, person in enumerate(self.who):
            require_person(person, at=f"who[{index}]")
        require_distinct(self.who, at="who")
        if self.action in TWO_PERSONS and len(self.who) < 2:  # noqa: PLR2004 - two is what the law says
            zh, en = ACTIONS[self.action]
            raise Invalid(f"{zh}应由二人以上进行", f"“{en}” needs two persons or more", at="who")

    def _require_particulars(self) -> None:
        known = PARTICULARS.get(self.action, {})
        for key, value in self.particulars.items():
            if key not in known:
                raise Invalid(f"没有这一项：{shown(key)}", f"There is no such particular: {shown(key)}", at=shown(key))
            require_written(value, at=key, longest=LONGEST_PARTICULAR)

    def _require_what_belongs_to_it(self) -> None:
        seizing = self.action == "seized"
        if seizing:
            require_written(self.name, at="name")
            read_kind(self.category, at="category")
        elif self.name or self.category:
            raise Invalid("名称和种类在扣押时登记", "Name and category are told at the seizure", at="name")
        if self.seal is not None:
            require_written(self.seal.number, at="seal.number")
            if self.seal.state not in SEAL_STATES:
                raise Invalid("没有这种封签状态", "There is no such state of a seal", at="seal.state")
        if self.action == "sealed" and self.seal is None:
            raise Invalid("请填写封签号", "Give the number of the seal", at="seal.number")
        for value, at in ((self.file, "file"), (self.receipt, "receipt")):
            if value and read_sha256(value, at=at) != value:
                raise Invalid("校验值应为小写", "The hash is written in small letters", at=at)
        if (self.action == "lent") != bool(self.due):
            raise Invalid("借出须有归还期限，其他操作没有", "A loan, and only a loan, has a due date", at="due")
        if self.due:
            read_day(self.due, at="due")


def read_code(text: str, *, at: str = "item") -> str:
    """Check the code of an item, unique in its case (E-01)."""
    if not _CODE.fullmatch(text):
        raise Invalid("物品编号应为字母、数字和 . _ -", "An item's code is letters, digits and . _ -", at=at)
    return text


def read_kind(text: str, *, at: str = "category") -> str:
    """Check the kind of an item (`ITEM_KINDS`)."""
    if text not in ITEM_KINDS:
        raise Invalid(f"没有这种证据或财物：{shown(text)}", f"There is no such kind of item: {shown(text)}", at=at)
    return text


def read_sha256(text: str, *, at: str = "file") -> str:
    """Check a SHA-256 as people enter it, capitals allowed, and give its 64 small hex digits."""
    value = text.strip().lower()
    if not _SHA256.fullmatch(value):
        raise Invalid(
            f"SHA-256 校验值应为 64 位十六进制数字，现为 {len(value)} 位",
            f"A SHA-256 has 64 hex digits; this has {len(value)} characters",
            at=at,
        )
    return value


def read_day(text: str, *, at: str) -> date:
    """Check a day, ISO 8601."""
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise Invalid(f"没有这个日期：{shown(text)}", f"There is no such day: {shown(text)}", at=at) from None


def read_text(text: str, *, at: str, longest: int = LONGEST_NAME) -> str:
    """Check one line of text and give it as it is kept: composed, trimmed, nothing invisible in it.

    What names a thing, a place or a document is no path; a reason (`LONGEST_REASON`) may speak of one.
    """
    check_words(text.replace("\u00a0", " "), at=at)
    written = identity.name(text, at=at, longest=longest)
    if longest < LONGEST_REASON and _PATH.search(written):
        raise Invalid(f"不能含路径：{shown(written)}", f"This must not hold a path: {shown(written)}", at=at)
    return written


def require_written(text: str, *, at: str, longest: int = LONGEST_NAME) -> None:
    """Refuse text that is not as `read_text` would keep it."""
    if not text:
        raise Invalid("必须填写", "This is required", at=at)
    if read_text(text, at=at, longest=longest) != text:
        raise _not_composed(at)


def require_moment(at_: datetime, *, at: str) -> None:
    """Refuse a moment without an offset."""
    if at_.tzinfo is None or at_.utcoffset() is None:
        raise Invalid("时间须带时区", "A moment needs its offset", at=at)


def require_person(person: Person, *, at: str) -> None:
    """Refuse a person without name or agency, or with invisible characters in either."""
    require_written(person.name, at=f"{at}.name")
    require_written(person.agency, at=f"{at}.agency")
    if person.number:
        require_written(person.number, at=f"{at}.number")


def is_same(one: Person, other: Person) -> bool:
    """Whether two entries may be the same person: namesakes of one agency are told apart by both their numbers."""
    named = one.name == other.name and one.agency == other.agency
    return named and (not one.number or not other.number or one.number == other.number)


def require_distinct(persons: Sequence[Person], *, at: str) -> None:
    """Refuse the same person twice."""
    for index, person in enumerate(persons):
        if any(is_same(person, earlier) for earlier in persons[:index]):
            raise Invalid(f"{person.name}重复出现", f"{person.name} is named twice", at=f"{at}[{index}]")


def shown(text: str) -> str:
    """A refused value as a sentence may quote it: short, nothing invisible."""
    return "".join(character if character.isprintable() else "?" for character in text[:40])


def _require_custodian(side: Custodian, at: str) -> None:
    require_written(side.agency, at=f"{at}.agency")
    require_written(side.keeper, at=f"{at}.keeper")
    require_written(side.place, at=f"{at}.place", longest=200)


def _not_composed(at: str) -> Invalid:
    return Invalid("首尾有空格或者字形未合成", "There are spaces around it, or it is not composed (NFC)", at=at)
