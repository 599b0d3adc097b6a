"""What a file is by its content, and that nothing is shown which is not what its name says."""

import io
import zipfile

import pytest

from app.domain.content_types import HEAD, TAIL, examine, read_text

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def archive(*names):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name in names:
            file.writestr(name, "虚构")
    return held.getvalue()


def found(name, content):
    told = examine(name, head=content[:HEAD], tail=content[-TAIL:])
    return told.media_type, told.flag


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        ("a.gif", b"GIF89a" + bytes(9), "image/gif"),
        ("a.webp", b"RIFF\1\0\0\0WEBPVP8 ", "image/webp"),
        ("a.mp3", b"ID3\x04" + bytes(9), "audio/mpeg"),
        ("a.mp3", b"\xff\xfb\x90" + bytes(9), "audio/mpeg"),
        ("a.wav", b"RIFF\1\0\0\0WAVEfmt ", "audio/wav"),
        ("a.amr", b"#!AMR\n" + bytes(9), "audio/amr"),
        ("a.mp4", b"\0\0\0\x20ftypisom" + bytes(9), "video/mp4"),
        ("a.webm", b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\x82\x84webm", "video/webm"),
        ("a.zip", archive("x"), "application/zip"),
        (
            "a.docx",
            archive("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), "application/x-ole-storage"),
        ("a.txt", "询问笔录\n".encode() * 2000, "text/plain"),
        ("a.txt", "询问笔录\n".encode("gb18030") * 2000, "text/plain"),
        ("a.csv", "姓名,金额\n虚构,1\n".encode(), "text/csv"),
        ("a", b"plain", "text/plain"),
        ("a.bin", bytes(range(256)), "application/octet-stream"),
    ],
)
def test_a_file_that_is_what_its_name_says(name, content, media_type):
    assert found(name, content) == (media_type, None)


@pytest.mark.parametrize(
    ("name", "content", "flag"),
    [
        ("a.pdf", b"MZ\x90\0" + bytes(60), "program"),
        ("a.jpg", b"\x7fELF\2\1\1", "program"),
        ("a.txt", b"#!/bin/sh\nrm -rf /\n", "program"),
        ("a.bat", b"del *", "program"),
        ("a.pdf.exe", PDF, "program"),
        ("a.html", b"<!DOCTYPE html><script>alert(1)</script>", "active"),
        ("a.txt", b"  \n<script>alert(1)</script>", "active"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "active"),
        ("a.png", b'<?xml version="1.0"?><svg onload="x()"/>', "active"),
        ("a.pdf", PNG, "mismatch"),
        ("a.png", PDF, "mismatch"),
        ("a.txt", PDF, "mismatch"),
        ("a.html", PDF, "mismatch"),
        ("a.svg", PNG, "mismatch"),
        ("a.mp4", bytes(64), "mismatch"),
        ("a.docx", archive("x"), "mismatch"),
        ("a.pdf", b"junk " + PDF, "mismatch"),
        ("a.png", PNG + archive("x"), "polyglot"),
        ("a.pdf", PDF + b"<script>alert(1)</script>", "polyglot"),
        ("a.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros"),
    ],
)
def test_a_file_that_is_not_or_is_more_is_flagged(name, content, flag):
    assert found(name, content)[1] == flag


@pytest.mark.parametrize("cut", range(1, 5))
def test_text_is_read_in_both_encodings_though_cut_in_a_character(cut):
    for encoding in ("utf-8", "gb18030"):
        whole = "甲乙丙𠮷".encode(encoding)
        assert read_text(whole[:-cut]) in ("甲乙丙", "甲乙丙𠮷", "甲乙")


def test_what_is_flagged_is_never_shown_and_only_saved(client):
    row = client.upload(b"<html><script>alert(document.cookie)</script>", "笔录.txt", filetype="text/plain")
    assert (row["flag"], row["found_type"], row["declared_type"]) == ("active", "text/html", "text/plain")
    told = client.get(f"/files/{row['id']}/content?reason=%E6%A0%B8%E5%AF%B9")
    assert told.headers["Content-Type"] == "application/octet-stream"
    assert told.headers["Content-Disposition"].startswith("attachment;")
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    assert told.headers["Content-Security-Policy"].startswith("sandbox;")


def test_a_name_with_quotes_and_chinese_travels_in_its_header(client):
    row = client.upload(b"text", '虚"构;.txt')
    told = client.get(f"/files/{row['id']}/content?reason=x").headers["Content-Disposition"]
    assert told.endswith("filename*=UTF-8''%E8%99%9A%22%E6%9E%84%3B.txt")
    assert told.count('"') == 2
