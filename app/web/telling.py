"""The history of a case told as sentences."""

from collections.abc import Mapping
from typing import Any

_ACTS = {
    "started": ("发起流程", "Started the process"),
    "claimed": ("领取任务", "Claimed"),
    "given_back": ("退回任务", "Gave back"),
    "issued": ("出具文书", "Issued"),
    "sent": ("移送", "Sent"),
    "sent_with_warnings": ("说明理由后发送", "Sent with reasons for warnings:"),
    "signed_receipt": ("签收", "Signed for"),
    "read_document": ("查阅文书", "Read a document"),
    "uploaded_file": ("上传材料", "Uploaded a file"),
    "viewed_file": ("查看材料", "Viewed a file"),
    "downloaded_file": ("下载材料", "Downloaded a file"),
    "exported": ("导出保管链文书", "Exported a paper of custody"),
    "deadline_recomputed": ("期限重新计算", "Limit recomputed"),
    "items_listed": ("登记物品清单", "Listed items:"),
    "custody_export": ("导出保管链", "Exported the trails"),
    "incident": ("后台任务失败", "Background work failed"),
    "incident_retried": ("重试后台任务", "Had background work tried again"),
}


def tell(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Give one entry as the page shows it: the sentence in both languages, who, when."""
    detail: Mapping[str, Any] = entry["detail"]
    element = entry["element"]
    if entry["action"] == "step":
        zh, en = element
        if detail.get("ended"):
            zh, en = f"{zh}（流程结束）", f"{en} (process ended)"
    else:
        act = _ACTS.get(entry["action"], (entry["action"], entry["action"]))
        more = detail.get("number") or detail.get("title") or ""
        zh = f"{act[0]} {element[0]} {more}".strip()
        en = f"{act[1]} {element[1]} {more}".strip()
    return {
        "at": entry["at"],
        "zh": zh,
        "en": en,
        "agency": entry["agency"].name if entry["agency"] else "",
        "officer": entry["officer"],
        "kind": "sent" if entry["action"] == "sent" else "done",
    }
