"""What every template may use: both languages, dates, icons, deadlines, and the built scripts."""

import logging

from flask import Flask, request
from markupsafe import Markup

from app.web import assets, language, urgency

log = logging.getLogger(__name__)


def prepare(app: Flask) -> None:
    """Give the templates their words; say so once when the scripts have not been built.

    Globals: `t(zh, en)`, `language()`, `icon(name)`, `script(entry)`, `styles(entry)`, `bundle_built()`,
    `urgency(due, now, start=…)`, `urgency_groups`, `theme()`. Filters: `day`, `moment`, `long_day`, `due_text`.
    """
    app.jinja_env.globals.update(
        t=language.t,
        language=language.language,
        icon=icon,
        script=assets.asset_url,
        styles=assets.BUNDLE.styles,
        bundle_built=_bundle_built,
        build_command=assets.BUILD_IT,
        urgency=urgency.urgency,
        urgency_groups=urgency.GROUPS,
        theme=_theme,
    )
    app.jinja_env.filters.update(
        day=language.day, moment=language.moment, long_day=language.long_day, due_text=urgency.due_text
    )
    app.jinja_env.policies["json.dumps_function"] = app.json.dumps
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if not assets.BUNDLE.is_built:
        log.warning("The pages' scripts have not been built: run `%s`", assets.BUILD_IT)


def icon(name: str) -> Markup:
    """Give an icon as inline SVG, silent to screen readers: the words beside it say the same."""
    source = assets.BUNDLE.icon(name)
    start, end = source.find(">") + 1, source.rfind("</svg>")
    if end < 0:
        return Markup()
    # The drawing comes from the built bundle, not from a reader.
    drawing = Markup(source[start:end].strip())  # noqa: S704
    return Markup('<svg class="ico" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>').format(drawing)


def _bundle_built() -> bool:
    return assets.BUNDLE.is_built


def _theme() -> str:
    return "dark" if request.cookies.get("theme") == "dark" else "light"
