"""Whatever can be refused has a status code."""

import importlib
import pkgutil
from collections.abc import Iterator

import app
from app.domain import errors
from app.web.errors import STATUS


def leaves(cls: type[Exception]) -> Iterator[type[Exception]]:
    below = cls.__subclasses__()
    if not below:
        yield cls
    for inner in below:
        yield from leaves(inner)


def test_every_refusal_has_a_status() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)
    assert [cls.__qualname__ for cls in leaves(errors.XianjieError) if not STATUS.keys() & set(cls.__mro__)] == []


def test_every_refusal_is_of_the_one_family() -> None:
    defined = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BaseException)]
    assert [cls.__name__ for cls in defined if not issubclass(cls, errors.XianjieError)] == []
