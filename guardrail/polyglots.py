"""Pictures that are something else as well: what one program shows is not what another reads."""

from __future__ import annotations

import re

_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_ZIP_COMMENT_BYTES = 65_535
_PDF_BYTES = 1024
_MARKUP = re.compile(rb"<html[\s>]|<script[\s>]|<\?php\s|<!doctype html", re.IGNORECASE)


def second_nature(data: bytes) -> str:
    """What ``data``, a picture by its signature, can be read as besides; "" for nothing known.

    A ZIP archive is found by the record at its end (APPNOTE.TXT 4.3.16), a PDF by a header within
    the first 1024 bytes (ISO 32000-1, annex H, note 13), pages and scripts by their tags.
    """
    if is_zip(data):
        return "a ZIP archive"
    if b"%PDF-" in data[:_PDF_BYTES]:
        return "a PDF"
    if _MARKUP.search(data):
        return "a page with markup or a script"
    return ""


def is_zip(data: bytes) -> bool:
    """Whether ``data`` ends in the end record of a ZIP archive."""
    at = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_END_BYTES - _ZIP_COMMENT_BYTES))
    if at < 0 or at + _ZIP_END_BYTES > len(data):
        return False
    comment = int.from_bytes(data[at + 20 : at + 22], "little")
    return at + _ZIP_END_BYTES + comment == len(data)
