"""What the pages of the files of items are tried with, in one language: `say(chinese, english)` chooses."""


def item_file_pages(say, now):
    """Template → the contexts it is tried with."""
    photo = {
        "id": "l1",
        "file_id": "f1",
        "title": "seal.jpg",
        "role": "photo",
        "role_words": say("照片", "Photograph"),
        "shows_words": say("封存前", "Before sealing"),
        "src": "/files/f1/picture",
        "width": 4032,
        "height": 3024,
        "size_words": "3.1 MB",
        "sha256": "ab" * 32,
        "flag": "",
        "agency": say("昆山市公安局", "Kunshan Police"),
        "officer": say("邵某", "Shao"),
        "at": now,
        "handover_id": "h1",
        "agrees": None,
        "why": "",
        "withdrawn_at": None,
        "withdrawn_by": "",
        "may_withdraw": True,
    }
    content = {**photo, "id": "l2", "role": "content", "src": "", "agrees": True, "handover_id": ""}
    wrong = {**content, "id": "l3", "agrees": False, "flag": say("含有宏", "It holds macros"), "may_withdraw": False}
    hidden = {**photo, "id": "l4", "src": "", "flag": say("内容与文件名不符", "Not what its name says")}
    gone = {**content, "id": "l5", "why": say("传错了", "Another item"), "withdrawn_at": now, "may_withdraw": False}
    gone["withdrawn_by"] = photo["officer"]
    whole = {
        "case": {"id": "c1", "number": "320583-2026-0001", "name": say("虚构的假药案", "Fake medicine (fictional)")},
        "item": {"code": "E-03", "name": say("网店订单数据", "Orders")},
        "linked": [photo, hidden, content, wrong, gone],
        "others": [{"id": "f2", "title": "orders.csv", "item_code": "E-03"}],
        "registered": [{"algorithm": "SHA-256", "value": "ab" * 32}],
        "register": {"href": "/cases/c1/items/E-03/acts/sealed", "sha256": "ab" * 32},
        "roles": [{"key": "photo", "zh": "照片", "en": "Photograph"}],
        "shows": [{"key": "item", "zh": "物品", "en": "The item"}],
        "likely": "photo",
        "may_link": True,
        "most": "8.00 GB",
        "link_errors": [],
        "link_values": {},
    }
    bare = {**whole, "linked": [], "others": [], "registered": [], "register": None, "may_link": False}
    refused = {
        **whole,
        "link_errors": [
            {"field": "why-l1", "message": say("必须填写", "This is required")},
            {"field": "link-file", "message": say("请选择文件", "Choose a file")},
        ],
        "link_values": {"link": "l1", "why": "x"},
    }
    return {name: [whole, bare, refused] for name in ("_item_files.html", "_item_file_list.html", "item_files.html")}
