"""The closed table of what a service task can do; the editor offers it as a picker."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of an operator: an expression that gives the code of a document."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Operator:
    """One operator: what it is called, what it must be given, and the keys of the object it gives back."""

    id: str
    zh: str
    en: str
    parameters: tuple[Parameter, ...]
    result: tuple[str, ...]


OPERATORS: Mapping[str, Operator] = {
    "issue_document": Operator(
        id="issue_document",
        zh="制作文书：取号、生成、存档",
        en="Issue a document: number, render and store it",
        parameters=(Parameter(name="document", zh="文书代码", en="Code of the document"),),
        result=("id", "number", "date", "serial"),
    ),
}

HANDOVER_RESULTS: Mapping[str, frozenset[str]] = {
    "list": frozenset({"handover", "to_giver", "to_receiver", "items_listed", "cancelled"}),
    "count": frozenset({"items_differ", "points_open", "hash_differs", "cancelled"}),
    "explain": frozenset({"items_differ", "points_open", "hash_differs", "cancelled"}),
    "sign_as_giver": frozenset({"cancelled"}),
    "sign_as_receiver": frozenset({"cancelled"}),
}
"""What a task with the property `handover` tells its process.

The hand-over's id, the keys of its two agencies, how many items are listed, how many differ, how many points are open,
whether a hash differs, and whether it was given up.
"""
