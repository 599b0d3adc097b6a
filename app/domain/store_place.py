"""Places of an agency's store (保管场所): a tree of rooms, areas, racks, cabinets and boxes, and what belongs where.

MPS2020 235–236, SPC2021 437–441: one unit keeps what was seized; valuables, dangerous and perishable goods, vehicles,
data media and money each have a place of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.custody import ITEM_KINDS, Wording, read_text, shown
from app.domain.errors import Invalid

PLACE_KINDS: Mapping[str, Wording] = {
    "ordinary": ("普通", "Ordinary"),
    "valuable": ("贵重", "Valuables"),
    "dangerous": ("危险品", "Dangerous goods"),
    "cold": ("易腐冷藏", "Cold storage"),
    "vehicle": ("车辆停放", "Vehicles"),
    "media": ("电子数据介质", "Data media"),
    "account": ("账户", "Account"),
}

LEVELS: tuple[Wording, ...] = (
    ("库房", "Room"),
    ("区", "Area"),
    ("架", "Rack"),
    ("柜", "Cabinet"),
    ("格", "Box"),
)
"""What a place is called by its depth; there is nothing below the last."""

SEPARATOR = " / "
LONGEST_NAME = 40
LONGEST_FULL_NAME = 200
"""Characters: what a trail keeps of a place."""


@dataclass(frozen=True, kw_only=True)
class Special:
    """Goods the law treats apart: on which `kinds` of place they belong, and what is to be done with them."""

    kinds: frozenset[str]
    zh: str
    en: str
    article: str


SPECIAL: Mapping[str, Special] = {
    "易腐物品": Special(
        kinds=frozenset(("cold",)),
        zh="经负责人批准，拍照或者录像后变卖、拍卖，价款予以保存",
        en="With the head's approval, photographed or filmed, then sold; the proceeds are kept",
        article="MPS2020 236；SPC2021 439",
    ),
    "危险物品": Special(
        kinds=frozenset(("dangerous",)),
        zh="按国家有关规定存放和处理；不宜移送的，随案移送清单、照片或者其他证明",
        en="Kept and dealt with by the rules of the state; what cannot travel: list, photographs, other proof",
        article="MPS2020 236、288；SPC2021 440–441",
    ),
    "违禁品": Special(
        kinds=frozenset(("dangerous", "valuable")),
        zh="按国家有关规定处理；需要作为证据使用的，诉讼终结后处理",
        en="Dealt with by the rules of the state; if it is evidence, after the proceedings",
        article="MPS2020 236",
    ),
    "现金": Special(
        kinds=frozenset(("account", "valuable")),
        zh="存入本单位的合规账户；作为证据的现钞封存后按贵重物品保管",
        en="Paid into the agency's account; notes that are evidence are sealed and kept as valuables",
        article="PROP2015；SPC2021 437",
    ),
    "车辆": Special(
        kinds=frozenset(("vehicle",)),
        zh="停放在专用场地；不便移动的，随案移送清单、照片和存放证明",
        en="Parked on a ground of its own; what cannot be moved: list, photographs and proof of where it stands",
        article="MPS2020 288；SPC2021 441",
    ),
}
"""By category (`ITEM_KINDS`)."""

_MONEY = frozenset(("款项", "现金", "有价证券"))


def read_place_name(text: str) -> str:
    """Check the name of a place: one line, visible, without the stroke that divides full names."""
    name = read_text(text, at="name", longest=LONGEST_NAME)
    if "/" in name or "\\" in name:
        raise Invalid("名称不能含斜线", "The name must not hold a slash", at="name")
    return name


def read_place_kind(text: str) -> str:
    """Check the kind of a place (`PLACE_KINDS`)."""
    if text not in PLACE_KINDS:
        raise Invalid(f"没有这种保管场所：{shown(text)}", f"There is no such kind of place: {shown(text)}", at="kind")
    return text


def full_name(parent: str, name: str) -> str:
    """Give what the trail calls a place. Raises Invalid, at `name`, when that is too long."""
    whole = f"{parent}{SEPARATOR}{name}" if parent else name
    if len(whole) > LONGEST_FULL_NAME:
        raise Invalid(
            f"连同上级的名称不能超过 {LONGEST_FULL_NAME} 个字符",
            f"With the places above it the name has more than {LONGEST_FULL_NAME} characters",
            at="name",
        )
    return whole


def require_depth(depth: int) -> None:
    """Refuse a place below the last of `LEVELS`; the first level has depth 1."""
    if depth > len(LEVELS):
        raise Invalid(
            f"最多 {len(LEVELS)} 级：{'、'.join(zh for zh, _ in LEVELS)}",
            f"At most {len(LEVELS)} levels: {', '.join(en.lower() for _, en in LEVELS)}",
            at="parent",
        )


def is_special(category: str) -> bool:
    """Whether the law treats goods of this category apart (MPS2020 236; SPC2021 439–441)."""
    return category in SPECIAL


def misfit(category: str, kind: str) -> Wording | None:
    """Say why goods of a category do not belong on a place of a kind; None when they do."""
    place, named = PLACE_KINDS[kind], ITEM_KINDS.get(category, category)
    special = SPECIAL.get(category)
    if special is not None and kind not in special.kinds:
        wanted = [PLACE_KINDS[one] for one in PLACE_KINDS if one in special.kinds]
        zh, en = "”或者“".join(words[0] for words in wanted), " or ".join(words[1].lower() for words in wanted)
        return (
            f"{category}应存放在“{zh}”场所，这里是“{place[0]}”场所（{special.article}）",
            f"{named} belongs on a place for {en}; this one is for {place[1].lower()} ({special.article})",
        )
    if kind == "account" and category not in _MONEY:
        return (f"账户只存放款项，{category}不能存入账户", f"An account holds money; {named} is not")
    return None
