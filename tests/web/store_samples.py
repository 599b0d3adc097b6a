"""What the pages of the store are tried with, in one language: `say(chinese, english)` chooses."""


def store_pages(say, now):
    """Template → the contexts it is tried with."""
    item = {
        "id": "i1",
        "case_id": "c1",
        "case_number": "320583-2026-0001",
        "code": "E-01",
        "name": say("冷冻牛肉", "Frozen beef"),
        "category": say("易腐物品", "Perishable goods"),
        "held": "12.5",
        "unit": "kg",
        "on_loan": "2",
        "due": "2026-03-01",
        "late": 15,
        "place": say("一号库", "Room 1"),
        "place_code": "A",
        "outside": False,
        "seal": "F-1",
        "special": {
            "words": say("变卖", "To be sold"),
            "article": "MPS2020 236",
            "wrong": say("应存放在冷库", "Belongs into the cold"),
        },
    }
    plain = {**item, "id": "i2", "code": "E-02", "on_loan": "", "late": 0, "outside": True, "place_code": ""}
    plain |= {"special": {**item["special"], "wrong": ""}}
    lent = {**plain, "id": "i3", "code": "E-03", "on_loan": "1", "special": None}
    place = {"id": "p1", "code": "A", "name": say("一号库", "Room 1"), "kind": say("普通", "Ordinary")}
    stock = {
        "items": [item, plain, lent],
        "total": 90,
        "page": 2,
        "size": 50,
        "href": "/store?page=",
        "query": {"q": "E", "category": "car", "place": "p1", "which": "lent"},
        "categories": [{"key": "car", "words": say("车辆", "Vehicle")}],
        "places": [place],
        "may_keep": True,
    }
    nothing = {"q": "", "category": "", "place": "", "which": ""}
    required = say("必须填写", "This is required")
    loan = {
        "id": "l1",
        "case_id": "c1",
        "case_number": "320583-2026-0001",
        "code": "E-01",
        "name": say("手机", "Telephone"),
        "quantity": "3",
        "remaining": "2",
        "unit": say("部", "pieces"),
        "due": "2026-03-01",
        "late": 15,
        "lent_at": now,
        "document": "2026-9",
        "purpose": say("鉴定", "Appraisal"),
        "approver": say("陆某", "Lu"),
        "borrower": say("沈某", "Shen"),
        "condition_out": say("完好", "Sound"),
        "condition_back": say("受潮", "Damp"),
        "back_at": None,
    }
    unknown = {**loan, "id": "l2", "purpose": "", "approver": "", "condition_out": "", "late": 0, "back_at": now}
    branch = {
        "id": "p1",
        "code": "A",
        "name": say("一号库", "Room 1"),
        "full_name": say("一号库", "Room 1"),
        "level": say("库房", "Room"),
        "depth": 1,
        "kind": say("普通", "Ordinary"),
        "closed": False,
        "items": 4,
    }
    places = {
        "branches": [branch, {**branch, "id": "p2", "code": "A-1", "depth": 2, "closed": True}],
        "parents": [{"id": "p1", "name": say("一号库", "Room 1")}],
        "kinds": [{"key": "cold", "words": say("易腐冷藏", "Cold storage")}],
        "levels": say("库房", "Room"),
        "place": None,
        "may_keep": True,
        "values": {"code": "x", "kind": "cold", "parent": "p1"},
        "errors": [{"field": key, "message": required} for key in ("code", "name", "kind", "parent")],
    }
    take = {
        "id": "t1",
        "number": "PD2026-0001",
        "place": say("一号库", "Room 1"),
        "state": "open",
        "state_words": say("清点中", "Being counted"),
        "opened_at": now,
        "closed_at": None,
        "lines": 4,
        "done": 1,
        "differ": 1,
        "sheet": "",
        "result": "",
        "reason": "",
        "wanted": 2,
        "signatures": [],
    }
    line = {
        "item_id": "i1",
        "case_id": "c1",
        "case_number": "320583-2026-0001",
        "code": "E-01",
        "name": say("手机", "Telephone"),
        "unit": say("部", "pieces"),
        "expected": "3",
        "on_loan": "1",
        "seal": "F-1",
        "place": say("一号库", "Room 1"),
        "listed": True,
        "changed": False,
        "found": None,
        "differences": [],
    }
    found = {"quantity": "2", "seal": say("破损", "Broken"), "place": say("冷库", "Cold room"), "by": "X", "at": now}
    difference = {
        "key": "quantity",
        "words": say("数量不符", "Quantity differs"),
        "classes": [{"key": "damaged", "words": say("毁损", "Damaged")}],
        "class": "",
        "class_words": "",
        "remark": "",
        "act": "corrected",
    }
    misplaced = {**difference, "key": "misplaced", "act": "move"}
    seen = {**line, "item_id": "i2", "found": found, "differences": [difference, misplaced], "listed": False}
    seen |= {"changed": True}
    right = {**line, "item_id": "i3", "found": {**found, "seal": "", "place": ""}}
    out = {**line, "item_id": "i4", "expected": "0"}
    counting = {
        "take": take,
        "which": "all",
        "lines": [line, seen, right, out],
        "total": 400,
        "page": 1,
        "size": 100,
        "seals": [{"key": "intact", "words": say("完好", "Intact")}],
        "places": [place],
        "values": {"label": "x", "place": "", "quantity": "9", "seal": "intact"},
        "errors": [
            {"field": key, "message": say("不是标签", "Not a label")} for key in ("label", "quantity", "seal", "place")
        ],
        "told": say("已见", "Found"),
        "may_keep": True,
        "signed_by_me": False,
    }
    closed = {**take, "state": "closed", "closed_at": now}
    explained = {**difference, "class": "damaged", "class_words": say("毁损", "Damaged"), "remark": "-"}
    signature = {"name": say("邵某", "Shao"), "at": now}
    half = {**closed, "signatures": [signature], "sheet": "ab" * 32}
    signed = {**half, "state": "signed", "signatures": [signature, signature], "result": "cd" * 32}
    told_why = [{**seen, "differences": [explained]}]
    unsaid = {**counting, "errors": [], "told": "", "values": {}}
    return {
        "store.html": [
            stock,
            {**stock, "items": [], "total": 0},
            {**stock, "items": [], "total": 0, "query": nothing, "may_keep": False},
            {**stock, "may_keep": False, "query": nothing},
        ],
        "store_move.html": [
            {
                "items": [item],
                "places": [place],
                "colleagues": [{"id": "o1", "name": say("沈某", "Shen")}],
                "values": {"place": "A", "beside": "o1"},
                "errors": [{"field": "despite", "message": say("不宜存放", "Does not belong there")}],
                "warned": [say("不宜存放", "Does not belong there")],
            },
            {"items": [item], "places": [], "colleagues": [], "values": {}, "errors": [], "warned": []},
        ],
        "store_places.html": [
            places,
            {
                **places,
                "errors": [],
                "place": {"id": "p1", "code": "A", "full_name": say("一号库", "Room 1")},
            },
            {**places, "branches": [], "may_keep": False},
        ],
        "store_loans.html": [
            {"which": "open", "loans": [loan, {**loan, "id": "l3", "late": 0}], "total": 2, "page": 1, "size": 50}
            | {"late": 1, "may_keep": True},
            {"which": "ended", "loans": [unknown], "total": 1, "page": 1, "size": 50, "late": 0, "may_keep": True},
            {"which": "overdue", "loans": [], "total": 0, "page": 1, "size": 50, "late": 0, "may_keep": False},
        ],
        "store_lend.html": [
            {
                "items": [item],
                "purposes": [{"key": "testing", "words": say("检验", "Testing")}],
                "approvers": [{"id": "o2", "name": say("陆某", "Lu")}],
                "borrowers": [
                    {
                        "agency": say("昆山市公安局", "Kunshan Police"),
                        "officers": [{"id": "o1", "name": say("沈某", "Shen")}],
                    }
                ],
                "earliest": "2026-03-16",
                "values": {"purpose": "testing", "approver": "o2", "borrower": "o1", "quantity-i1": "99"},
                "errors": [{"field": "quantity-i1", "message": say("超过在库", "Not so many")}],
            },
            {"items": [item], "purposes": [], "approvers": [], "borrowers": [], "earliest": "", "values": {}}
            | {"errors": []},
        ],
        "store_return.html": [
            {"loans": [loan], "values": {}, "errors": []},
            {
                "loans": [loan, unknown],
                "values": {"back-l1": "9"},
                "errors": [{"field": "back-l1", "message": say("超过借出", "Not so many")}],
            },
        ],
        "store_takes.html": [
            {
                "takes": [take, half, signed],
                "places": [place],
                "may_keep": True,
                "errors": [{"field": "place", "message": say("这里没有物品", "Nothing is here")}],
            },
            {"takes": [], "places": [], "may_keep": False, "errors": []},
        ],
        "store_take.html": [
            counting,
            {**unsaid, "lines": [], "total": 0},
            {**unsaid, "may_keep": False},
            {**unsaid, "take": closed},
            {**unsaid, "take": closed, "lines": told_why},
            {**unsaid, "take": half, "signed_by_me": True},
            {**unsaid, "take": half, "lines": told_why, "may_keep": False},
            {**unsaid, "take": signed, "lines": told_why},
            {**unsaid, "take": {**take, "state": "given_up", "reason": say("有误", "Wrong")}},
        ],
        "store_labels.html": [
            {
                "chosen": [{"code": f"E-{n}", "name": say("手机", "Telephone"), "case_number": "1"} for n in range(9)],
                "asked": True,
                "hidden": [("item", "i1")],
                "sheets": [{"key": "3x8", "words": "3 × 8", "count": 24}],
                "places": [place],
                "handovers": [{"id": "h1", "number": "H-1"}],
                "values": {"sheet": "3x8", "start": "99"},
                "errors": [{"field": "start", "message": say("应为 1 至 24", "One of 1 to 24")}],
            },
            *(
                {"chosen": [], "asked": asked, "hidden": [], "sheets": [], "places": [], "handovers": []}
                | {"values": {}, "errors": []}
                for asked in (True, False)
            ),
        ],
    }
