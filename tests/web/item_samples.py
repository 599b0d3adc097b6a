"""What the pages of many items, of new ones, of splitting and of disposal are tried with."""


def item_pages(say, now, shared):
    """Template → the contexts it is tried with."""
    case, item = {"case": shared["case"]}, {"item": shared["item"]}
    who = {key: shared["act_page"][key] for key in ("colleagues", "latest")}
    row = {
        "code": "E-01",
        "name": say("筋骨康宁胶囊", "Capsules"),
        "spec": "X-1",
        "kind": say("物证", "Physical evidence"),
        "unit": say("盒", "boxes"),
        "listed": "640",
        "registered": True,
        "seized": "640",
        "held": "628",
        "on_loan": "5",
        "lost": "3",
        "custodian": say("昆山市公安局", "Kunshan Police"),
        "keeper": say("昆山市市场监督管理局", "Kunshan Market Regulator"),
        "place": say("一号库房", "Store 1"),
        "seal": "F-1",
        "seal_fault": say("破损", "Broken"),
        "state": "handing_over",
        "state_words": say("交接中", "Being handed over"),
        "chip": "info",
        "handover": {"id": "h1", "number": "H-1"},
        "act": say("入库", "Stored"),
        "at": now,
    }
    unregistered = {**row, "code": "E-02", "registered": False, "handover": None, "act": "", "at": None}
    table = {
        **case,
        "items": [row, unregistered],
        "all": 120,
        "total": 101,
        "page": 2,
        "size": 50,
        "unregistered": 1,
        "filters": {"q": "E", "kind": "k", "custodian": "", "state": "held"},
        "kinds": [{"key": "k", "words": row["kind"]}],
        "custodians": [{"key": "pol", "words": row["custodian"]}],
        "states": [{"key": "held", "words": say("在管", "Held"), "count": 101}],
        "columns": [
            {"key": "code", "words": say("编号", "Code"), "href": "?sort=-code", "order": "ascending"},
            {"key": "", "words": say("封签", "Seal"), "href": "", "order": ""},
        ],
        "acts": [{"key": "stored", "zh": "入库", "verb": "Store"}],
        "keeper": True,
        "next": "/cases/c1/items?page=",
    }
    nothing = {**table, "items": [], "total": 0, "unregistered": 0}
    fields = ("kind", "quantity", "unit", "document", "place", "seal", "at", "file")
    batch = {
        **case,
        **who,
        "action": {"key": "seized", "zh": "扣押", "verb": "Seize"},
        "fields": fields,
        "shared": ("place",),
        "rows": [
            {
                "code": "E-01",
                "name": row["name"],
                "kind": row["kind"],
                "held": "",
                "hashed": True,
                "values": dict.fromkeys(fields, "1"),
                "errors": [{"field": "quantity-E-01", "message": say("应为整数", "Whole numbers")}],
            }
        ],
        "left_out": ["E-09"],
        "kinds": [{"key": "1", "zh": "扣押", "en": "Seizure"}],
        "seal_states": [{"key": "intact", "zh": "完好", "en": "Intact"}],
        "two_persons": True,
        "needs_document": True,
        "values": {"why": "-", "beside": ["o1"]},
        "errors": [
            {"field": "quantity-E-01", "message": say("应为整数", "Whole numbers")},
            {"field": "row-E-01", "message": say("已经扣押登记", "Seized already")},
            {"field": "beside", "message": say("应由二人以上进行", "Two persons")},
        ],
    }
    looked_at = {**batch, "fields": (), "shared": (), "left_out": [], "values": {}, "errors": []}
    sealed = {**batch, "fields": ("seal", "state"), "shared": ()}
    hash_ = item_field(say, "hash", say("校验值", "Hash"), of_kind=True, article="EDATA 14")
    kind = item_field(say, "category", say("种类", "Kind"), choices=[{"key": "k", "words": row["kind"]}], value="k")
    seen = item_field(say, "seized_at", say("扣押时间", "Seized at"), type="datetime-local", required=False)
    amount = item_field(say, "qty", say("数量", "Quantity"), decimal=True)
    wrong = [{"field": "qty", "message": say("应为整数", "Whole numbers")}]
    groups = [
        {"key": "what", "words": say("物品", "The item"), "fields": [kind, amount, hash_]},
        {"key": "origin", "words": say("来源", "Origin"), "fields": [seen]},
    ]
    new = {**case, "groups": groups, "errors": wrong, "latest": who["latest"]}
    split = {
        **case,
        **item,
        **who,
        "available": "628",
        "parts": [{"index": 0, "fields": [kind, amount, hash_, seen]}, {"index": 1, "fields": [kind, amount]}],
        "full": False,
        "values": {"why": "-", "beside": ["o1"]},
        "errors": [
            {"field": "part-0-qty", "message": say("应为整数", "Whole numbers")},
            {"field": "quantity", "message": say("合计不符", "The sums differ")},
        ],
    }
    disposal = {
        **case,
        **item,
        **who,
        "ways": [
            {"key": key, "words": say(zh, en), "article": "MPS2020 236"}
            for key, zh, en in (
                ("return", "发还", "Return"),
                ("auction", "拍卖、变卖", "Auction"),
                ("destruction", "销毁", "Destruction"),
                ("treasury", "上缴国库", "Treasury"),
            )
        ],
        "kind": "return",
        "needs": ("recipient", "recipient_id"),
        "persons": 3,
        "warnings": [say("诉讼尚未终结", "The proceedings go on")],
        "decisions": [{"id": "d1", "words": "2026-17"}],
        "identities": [{"key": "id_no", "words": say("公民身份号码", "Citizen number")}],
        "values": {"beside": ["o1"], "confirmed": "yes", "decision": "d1"},
        "errors": [{"field": "confirmed", "message": say("诉讼尚未终结", "The proceedings go on")}],
    }
    fault = {"row": 3, "column": say("数量", "Quantity"), "message": say("应为整数", "Whole numbers")}
    column = {"key": "qty", "words": say("数量", "Quantity"), "required": True, "article": "MPS2020 230"}
    empty = {"required": False, "needed": "", "only": "", "choices": ""}
    table_page = {
        **case,
        "columns": [{**empty, **column}, {**empty, **column, "required": False, "needed": row["kind"], "choices": "-"}],
        "most": 2000,
        "refused": say("表格有 300 处错误", "The table has 300 faults"),
        "faults": [fault],
        "more": 100,
    }
    return {
        "items.html": [table, {**table, "acts": [], "keeper": False}, nothing, {**nothing, "all": 0}],
        "items_act.html": [batch, looked_at, sealed, {**batch, "rows": [], "errors": []}],
        "item_new.html": [new, {**new, "errors": []}],
        "_item_field.html": [
            {"f": field, "prefix": "", "errors": wrong, "latest": who["latest"], "fields_from": "/x"}
            for field in (kind, amount, hash_, seen)
        ],
        "items_import.html": [table_page, {**table_page, "refused": "", "faults": [], "more": 0}],
        "item_split.html": [split, {**split, "full": True, "values": {}, "errors": []}],
        "item_dispose.html": [
            disposal,
            {**disposal, "kind": "auction", "needs": ("method", "amount", "account"), "warnings": [], "persons": 2},
            {**disposal, "kind": "treasury", "needs": ("amount", "account", "voucher")},
            {**disposal, "kind": "", "needs": (), "errors": []},
        ],
    }


def item_field(say, key, words, **given):
    del say
    return {
        "key": key,
        "words": words,
        "group": "what",
        "of_kind": False,
        "required": True,
        "article": "MPS2020 230",
        "type": "text",
        "longest": 100,
        "decimal": False,
        "choices": [],
        "value": "",
        **given,
    }
