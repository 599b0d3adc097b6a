"""Persons in custody as web/held_line.py gives them to the pages."""

from datetime import timedelta


def unsure_sample(say):
    return {"points": "O4", "zh": say("待确认（O4）", "O4"), "en": say("待确认（O4）", "Unconfirmed (O4)")}


def held_sample(say, at, **given):
    since = at - timedelta(days=14)
    basis = {
        "gap": False,
        "number": 1,
        "rule": "D27",
        "name": "公安机关提请批准逮捕",
        "name_en": "The police request approval of arrest",
        "article": say("刑事诉讼法第91条", "CPL 91"),
        "unconfirmed": unsure_sample(say),
        "start": since,
        "due": at - timedelta(days=2),
    }
    return {
        "case_id": "c1",
        "case_number": "320583-2026-0001",
        "case_name": say("周某等人涉嫌销售假药案", "Zhou and others, fake medicine"),
        "person": say("周某", "Zhou"),
        "code": "S1",
        "agency": say("昆山市公安局", "Kunshan Police"),
        "state": "expired",
        "chip": "overdue",
        "state_words": say("羁押期限已届满", "Held without a basis"),
        "ends_words": say("已逾期 2 天", "2 days overdue"),
        "since": since,
        "until": at - timedelta(days=2),
        "released": None,
        "days": 15,
        "now": 100.0,
        "pieces": [
            {"x": 0.0, "width": 80.0, "middle": 40.0, "kind": "even", "number": "1"},
            {"x": 80.0, "width": 20.0, "middle": 90.0, "kind": "gap", "number": "!"},
        ],
        "listed": [basis, {"gap": True, "start": at - timedelta(days=2), "due": at}],
        "unconfirmed": unsure_sample(say),
        **given,
    }


def held_samples(say, now):
    """Give a person held without a basis, one whose basis has no end, and one who was released."""
    return [
        held_sample(say, now),
        held_sample(say, now, state="held", until=None, ends_words=""),
        held_sample(say, now, state="released", released=now - timedelta(days=1), now=None),
    ]
