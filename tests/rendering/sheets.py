from datetime import UTC, datetime
from pathlib import Path

from app.catalogue.documents import read_document

FONTS = Path("var/fonts")
CREATED = datetime(2026, 3, 13, 7, 50, tzinfo=UTC)
FAMILY = "'CT Fang','CT Wen','CT Han','CT Han B'" if (FONTS / "fonts.conf").exists() else "'Noto Serif CJK SC'"
STYLE = f"<style>body{{font-family:{FAMILY}}}.narrow{{width:20em;text-align:justify}}</style>"
LAYOUTS = {
    "letter.html": f'<!doctype html><meta charset="utf-8">{STYLE}<h1>{{{{ title }}}}</h1>{{{{ body }}}}',
    "list.html": '{% extends "_base.html" %}{% block main %}{{ seal }}{{ body }}{% endblock %}',
    "_base.html": '<!doctype html><link rel="stylesheet" href="asset:page.css">{% block main %}{% endblock %}',
    "page.css": f"@page{{size:A5}}body{{font-family:{FAMILY}}}",
    "record.html": '{% include "gone.html" %}{{ body }}',
}
HEAD = """---
title: 案件移送书
title_en: Transfer letter
issuer: adm
layout: letter
fields:
  - {key: reason, label: 事由, label_en: Reason, required: true}
  - {key: amount, label: 金额, label_en: Amount, type: money}
uses: [parties]
---
"""
DATA = {"reason": "涉嫌销售假冒注册商标的商品", "amount": None, "parties": [{"name": "某甲（虚构）"}]}


def a_document(body, head=HEAD):
    return read_document(head + body, file="documents/lend_case/adm_letter.html")
