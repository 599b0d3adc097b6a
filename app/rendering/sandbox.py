"""Where templates run: no attribute of Python within reach, everything escaped, and no name that is not there."""

from jinja2 import BaseLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.rendering.filters import FILTERS

_GLOBALS = ("range", "namespace")


def sandbox(loader: BaseLoader | None = None) -> ImmutableSandboxedEnvironment:
    """An environment for the templates of designers, who are trusted with wording and with nothing else."""
    environment = ImmutableSandboxedEnvironment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals = {name: environment.globals[name] for name in _GLOBALS}
    environment.filters.update(FILTERS)
    return environment
