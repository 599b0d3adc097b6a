"""Where templates run: no attribute of Python within reach, everything escaped, and no name that is not there."""

from jinja2 import BaseLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.rendering.filters import FILTERS, Unfilled

_GLOBALS = ("range", "namespace")


def sandbox(loader: BaseLoader | None = None) -> ImmutableSandboxedEnvironment:
    """An environment for the templates of designers, who are trusted with wording and with nothing else.

    `safe` is not among its filters: what officers typed is text, never markup.
    """
    environment = ImmutableSandboxedEnvironment(
        loader=loader, autoescape=True, undefined=Unfilled, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals = {name: environment.globals[name] for name in _GLOBALS}
    environment.filters.update(FILTERS)
    del environment.filters["safe"]
    return environment
