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
        "items": 3,
        "counted": 2,
        "uncounted": 1,
        "differing": 2,
        "unsettled": 2,
        "finish": "count",
        "percent": 66,
        "reconciled": False,
        "differences": [
            {"code": "E-01", "field": "classes-E-01", "message": say("数量不符", "The quantity differs")},
        ],
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
                ("giver", say("移交方", "Giver"), say("由该方签名", "They sign")),
                ("receiver", say("接收方", "Receiver"), ""),
            )
        ],
    }
    line = {
        "item": "E-01",
        "name": say("筋骨康宁胶囊", "Capsules"),
        "unit": say("盒", "boxes"),
        "listed": "640",
        "held": "628",
        "counted": "628",
        "gap": "-12",
        "seal_listed": "F-1",
        "seal": "seal_broken",
        "seal_classes": ["seal_broken"],
        "hash_listed": hash_,
        "hash_found": hash_,
        "hash_differs": True,
        "proof": "2026-31",
        "remark": "-",
        "done": True,
        "settled": False,
        "not_moved": False,
        "differs": True,
        "open": [say("数量不符", "The quantity differs")],
        "class_words": [say("短少", "Missing")],
        "choices": [
            {"key": "missing", "zh": "短少", "en": "Missing", "when": ["--"], "fits": True, "chosen": True},
            {
                "key": "not_moved",
                "zh": "实物不动",
                "en": "Goods not moved",
                "when": ["--"],
                "fits": True,
                "chosen": False,
            },
        ],
        "samples": [{"number": "2026-31", "quantity": "12"}, {"number": "2026-32", "quantity": "1"}],
        "has_content": True,
        "photos": [
            {
                "href": "/files/f1",
                "src": "/files/f1/picture",
                "title": "E-01",
                "at": now,
                "officer": "-",
                "withdrawn": "",
            },
            {"href": "/files/f2", "src": "", "title": "E-01-2", "at": now, "officer": "-", "withdrawn": ""},
        ],
        "errors": [{"field": "counted-E-01", "message": say("数量应为数字", "A quantity is a number")}],
    }
    sound = {"open": [], "errors": [], "differs": False, "hash_differs": False, "gap": ""}
    uncounted = {**line, **sound, "done": False, "counted": "", "hash_found": "", "class_words": [], "samples": []}
    settled = {**line, **sound, "settled": True}
    unchecked = {**line, **sound, "class_words": [], "open": [say("尚未核对封签", "The seal has not been checked")]}
    as_giver, ended = {**handover, "mine": "giver"}, {**handover, "state": "signed", "sheet": hash_, "signed_at": now}
    agreed = {**handover, "finish": "", "reconciled": True, "differences": [], "uncounted": 0, "unsettled": 0}
    reading = {**handover, "keeper": False}
    pages_of_one = [
        (reading, line),
        *((whole, one) for whole in (handover, as_giver) for one in (line, uncounted, settled, unchecked)),
        (ended, settled),
    ]
    whole_page = {"case": case, "show": "all", "page": 1, "page_size": 50, "matching": 1, "scanned": "", "errors": []}
    offered = {
        "code": "E-01",
        "name": item["name"],
        "category": item["category"],
        "unit": item["unit"],
        "held": "628",
        "seized": "640",
        "seal": "F-1",
        "place": item["place"],
        "chosen": True,
        "listed": "640",
        "pending": None,
        "on_loan": "",
    }
    no_list = {
        "case": case,
        "handovers": [],
        "items": [],
        "kept_back": [],
        "keeper": True,
        "signers": range(1, 10),
        "values": {},
    }
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
                "receivers": [{"id": "a1", "name": receiver}, {"id": "a2", "name": item["keeper"]}],
                "items": [offered],
                "kept_back": [
                    {**offered, "pending": {"id": "h1", "number": "H-1"}},
                    {**offered, "on_loan": "5"},
                ],
                "signers": range(1, 10),
                "values": {"number": "H-2", "giver_signers": "2"},
                "errors": [
                    {"field": "items", "message": say("请选择物品", "Choose items")},
                    {"field": "listed-E-01", "message": say("应为整数", "Whole numbers")},
                ],
            },
            {**no_list, "receivers": [{"id": "a1", "name": receiver}], "errors": []},
            {**no_list, "receivers": [], "errors": []},
            {**no_list, "keeper": False, "receivers": [], "errors": []},
        ],
        "handover.html": [
            *({**whole_page, "handover": whole, "lines": [one]} for whole, one in pages_of_one),
            {
                **whole_page,
                "handover": agreed,
                "lines": [],
                "show": "differing",
                "errors": [{"field": "why", "message": say("必须填写", "This is required")}],
            },
            {
                **whole_page,
                "handover": handover,
                "lines": [line],
                "page": 2,
                "matching": 120,
                "scanned": "E-99",
                "errors": [{"field": "scan", "message": say("清单上没有", "Not on this list")}],
            },
            {**whole_page, "handover": {**handover, "state": "cancelled"}, "lines": [settled]},
        ],
        "handover_print.html": [
            {"case": case, "handover": handover, "lines": [line, uncounted]},
            {"case": case, "handover": ended, "lines": [settled]},
        ],
        "_handover_row.html": [
            {"handover": whole, "line": {**one, "focus": "counted-E-01"}, "swapped": True}
            for whole, one in pages_of_one
        ],
        "_handover_open.html": [
            {"handover": handover, "swapped": False},
            {"handover": {**agreed, "state": "signing"}, "swapped": True},
        ],
        "_handover_progress.html": [{"handover": handover}, {"handover": agreed}],
    }
