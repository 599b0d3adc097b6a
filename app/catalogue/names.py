"""Which names a designer may give: one spelling, snake_case ASCII, and none that the machine uses itself."""

import re

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
MAX_NAME = 60

ROW_CODE = "code"
"""The field that says which row of the case a row of an answer is."""

LIST_NAMES = frozenset({"parties", "items", "attachments"})
"""Rows under these names become parties, items and files of the case, so they are lists and nothing else."""

DOCUMENT_NAMES = LIST_NAMES | {
    *("case", "agency", "number", "date", "officer", "officers"),
    *("issued", "deadlines", "recipient", "suspects", "units"),
}
"""What a document knows of its case without asking a form."""

_LANGUAGE = "and or not in is if else elif for true false null none lambda this parent i typename"
_FUNCTIONS = (
    "now today due days_between add_days len min max sum abs round any all "
    "int float bool str lower upper strip get sorted"
)
_STATEMENTS = (
    "def del return pass import from as with while try except class global yield await async data task csrf_token"
)
_ANSWERS = "preflight"
_FEEL = "then some every satisfies between instance of function"

WORDS = frozenset(_LANGUAGE.split())
RESERVED = (DOCUMENT_NAMES - LIST_NAMES) | WORDS | frozenset(f"{_FUNCTIONS} {_STATEMENTS} {_FEEL} {_ANSWERS}".split())


def fault_of_name(name: str, *, is_list: bool = False, top: bool = True) -> tuple[str, str, str] | None:
    """Why a field may not be called so: (code, zh, en), or None. In rows only words of the language are reserved."""
    if not SNAKE_CASE.fullmatch(name) or len(name) > MAX_NAME:
        return (
            "bad-name",
            f"名称“{name[:MAX_NAME]}”只能用小写英文字母、数字和下划线，以字母开头，最多 {MAX_NAME} 个字符",
            f"“{name[:MAX_NAME]}” is not snake_case ASCII of at most {MAX_NAME} characters",
        )
    if name in (RESERVED if top else WORDS):
        return ("reserved-name", f"名称“{name}”由系统使用", f"The name “{name}” belongs to the system")
    if top and name in LIST_NAMES and not is_list:
        return (
            "reserved-name",
            f"“{name}”只能作为动态列表的路径",
            f"“{name}” can only be the path of a dynamic list",
        )
    return None
