"""Builds small forms, so a test says only what matters to it."""

import json
from datetime import UTC, datetime

from app.catalogue.forms import read_form

NOW = datetime(2026, 3, 12, 8, 30, tzinfo=UTC)  # 16:30 in China


def text(key, **more):
    return {"type": "textfield", "key": key, "label": key.upper(), **more}


def day(key, **more):
    return {"type": "datetime", "subtype": "date", "key": key, "dateLabel": key.upper(), **more}


def choice(kind, key, *values, **more):
    return {"type": kind, "key": key, "label": key, "values": [{"value": v, "label": str(v)} for v in values], **more}


def rows(path, *components, **more):
    return {"type": "dynamiclist", "path": path, "label": path, "components": list(components), **more}


def schema(*components, **more):
    return {"type": "default", "schemaVersion": 19, "components": list(components), **more}


def source(*components, **more):
    return json.dumps(schema(*components, **more), ensure_ascii=False, indent=1)


def a_form(*components):
    return read_form(source(*components), file="forms/p/f.form")


def clean(form, answers, *, options=None, known=None, now=NOW):
    return form.clean(answers, options=options or {}, known=known or {}, now=now)
