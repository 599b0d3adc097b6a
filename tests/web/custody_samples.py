"""What the pages of custody are tried with, in one language: `say(chinese, english)` chooses."""

from tests.web.item_samples import item_pages


def custody_pages(say, now):
    """Template → the contexts it is tried with."""
    case = {"id": "c1", "number": "320583-2026-0001", "name": say("虚构的假药案", "Fake medicine (fictional)")}
    receiver = say("昆山市公安局", "Kunshan Police")
    hash_ = "ab" * 32
    item = {
        "code": "E-01",
        "name": say("筋骨康宁胶囊", "Capsules"),
        "category": say("物证", "Physical evidence"),
        "unit": say("盒", "boxes"),
        "seq": 2,
        "listed": "640",
        "seized": "640",
        "held": "628",
        "consumed": "12",
        "returned": "0",
        "disposed": "0",
        "lost": "3",
        "on_loan": "5",
        "agency": receiver,
        "keeper": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
        "place": say("一号库房", "Store 1"),
        "seal": "F-1",
        "seal_state": say("完好", "Intact"),
        "seal_good": True,
        "file": hash_,
        "head": hash_,
        "written": [{"words": say("持有人", "Holder"), "value": say("林某", "Lin")}],
        "made_from": "E-00",
    }
    entry = {
        "seq": 1,
        "act": say("扣押", "Seized"),
        "kind": say("调取", "Obtained"),
        "who": [{"name": say("陈某", "Chen"), "agency": receiver}],
        "at": now,
        "why": say("涉嫌销售假药", "Suspected of selling fake medicine"),
        "document": "2026-19",
        "quantity": say("640 盒", "640 boxes"),
        "to": receiver,
        "place": say("一号库房", "Store 1"),
        "seal": "F-1",
        "file": hash_,
        "due": "2026-04-01",
        "hash": hash_,
        "recorded": True,
        "told": [
            {"words": say("拆分自", "Split from"), "value": "E-00", "items": True},
            {"words": say("方法", "Method"), "value": say("焚烧", "Burnt"), "items": False},
        ],
    }
    action = {"key": "seized", "zh": "扣押", "verb": "Seize"}
    pending = {"id": "h1", "number": "H-1", "state": "signing"}
    untouched = {**item, "seq": 0, "held": "0", "written": [], "made_from": ""}
    act_page = {
        "case": case,
        "item": item,
        "action": action,
        "fields": ("kind", "quantity", "unit", "place", "seal", "state", "file", "due"),
        "kinds": [{"key": "seizure", "zh": "扣押", "en": "Seizure"}],
        "seal_states": [{"key": "intact", "zh": "完好", "en": "Intact"}],
        "two_persons": True,
        "needs_document": True,
        "colleagues": [{"agency": receiver, "officers": [{"id": "o1", "name": say("吴某", "Wu")}]}],
        "values": {"quantity": "1.5", "beside": ["o1"]},
        "errors": [
            {"field": "quantity", "message": say("应为整数", "Whole numbers")},
            {"field": "beside", "message": say("应由二人以上进行", "Two persons")},
        ],
        "latest": "2026-03-16T09:20",
    }
    handover = {
        "id": "h1",
        "number": "H-1",
        "place": say("一号库房", "Store 1"),
        "state": "open",
        "state_words": say("清点中", "Being counted"),
        "opened_at": now,
        "signed_at": None,
        "sheet": "",
        "giver": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
        "receiver": receiver,
        "mine": "receiver",
        "keeper": True,
        "items": 1,
        "counted": 1,
        "differences": [{"field": "classes-E-01", "message": say("数量不符", "The quantity differs")}],
        "sides": [
            {
                "key": key,
                "words": words,
                "agency": receiver,
                "wanted": 2,
                "signed": [{"name": say("邵某", "Shao"), "at": now}],
                "full": False,
                "mine": key == "receiver",
                "reason": reason,
            }
            for key, words, reason in (
                ("giver", say("移交方", "Giver"), say("由对方签名", "They sign")),
                ("receiver", say("接收方", "Receiver"), ""),
            )
        ],
    }
    line = {
        "item": "E-01",
        "name": say("筋骨康宁胶囊", "Capsules"),
        "unit": say("盒", "boxes"),
        "listed": "640",
        "counted": "628",
        "seal_listed": "F-1",
        "seal": "seal_broken",
        "seal_classes": ["seal_broken"],
        "hash_listed": hash_,
        "hash_found": hash_,
        "hash_differs": True,
        "proof": "2026-31",
        "remark": "-",
        "done": True,
        "open": [say("数量不符", "The quantity differs")],
        "class_words": [say("短少", "Missing")],
        "classes_open": True,
        "choices": [{"key": "missing", "zh": "短少", "en": "Missing", "chosen": True}],
        "errors": [{"field": "counted-E-01", "message": say("数量应为数字", "A quantity is a number")}],
    }
    uncounted = {**line, "done": False, "counted": "", "open": [], "errors": [], "classes_open": False}
    as_giver, ended = {**handover, "mine": "giver"}, {**handover, "state": "signed", "sheet": hash_, "signed_at": now}
    reading = {**handover, "keeper": False}
    pages_of_one = [(reading, line), (handover, line), (handover, uncounted), (as_giver, line), (as_giver, uncounted)]
    pages_of_one.append((ended, line))
    listed = {"code": "E-01", "name": item["name"], "unit": item["unit"], "held": "628", "seized": "640"}
    printout = {
        "id": "p1",
        "case_id": "c1",
        "item": "",
        "seq": 0,
        "state": "waiting",
        "error": "",
        "asked_at": now,
        "made_at": None,
        "name": None,
        "trail": None,
        "size": "",
    }
    failed = {**printout, "item": "E-01", "seq": 2, "state": "failed", "error": "Stuck"}
    made = {**printout, "item": "E-01", "state": "made", "trail": hash_, "size": "48.2 KB", "name": "a.pdf"}
    printed = [printout, {**printout, "state": "making"}, {**printout, "state": "retrying"}, failed, made]
    return {
        "printout.html": [{"case": case, "printout": one} for one in printed],
        "_printout.html": [{"printout": one} for one in printed],
        "item.html": [
            {
                "case": case,
                "item": item,
                "trail": [entry],
                "acts": [action],
                "pending": pending,
                "may_split": True,
                "keeper": True,
            },
            *(
                {
                    "case": case,
                    "item": stands,
                    "trail": [],
                    "acts": [],
                    "pending": None,
                    "may_split": False,
                    "keeper": keeper,
                }
                for stands, keeper in ((item, True), (untouched, True), (untouched, False))
            ),
        ],
        **item_pages(say, now, {"case": case, "item": item, "act_page": act_page}),
        "item_act.html": [act_page, {**act_page, "item": untouched, "fields": (), "values": {}, "errors": []}],
        "handovers.html": [
            {
                "case": case,
                "handovers": [handover, ended],
                "keeper": True,
                "receivers": [{"id": "a1", "name": receiver}],
                "items": [{**listed, "chosen": True, "listed": "640"}],
                "values": {"number": "H-2", "giver_signers": "2"},
                "errors": [
                    {"field": "items", "message": say("请选择物品", "Choose items")},
                    {"field": "listed-E-01", "message": say("应为整数", "Whole numbers")},
                ],
            },
            *(
                {
                    "case": case,
                    "handovers": [],
                    "keeper": keeper,
                    "receivers": [],
                    "items": [],
                    "values": {},
                    "errors": [],
                }
                for keeper in (True, False)
            ),
        ],
        "handover.html": [
            *({"case": case, "handover": whole, "lines": [one], "errors": []} for whole, one in pages_of_one),
            {
                "case": case,
                "handover": handover,
                "lines": [],
                "errors": [{"field": "why", "message": say("必须填写", "This is required")}],
            },
            {"case": case, "handover": {**handover, "state": "cancelled"}, "lines": [line], "errors": []},
        ],
        "_handover_row.html": [
            {"handover": whole, "line": {**one, "focus": "counted-E-01"}, "swapped": True}
            for whole, one in pages_of_one
        ],
        "_handover_open.html": [
            {"handover": handover, "swapped": False},
            {"handover": {**handover, "differences": []}, "swapped": True},
        ],
    }
