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
        result=("id", "number", "date"),
    ),
}
