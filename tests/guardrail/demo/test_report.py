from __future__ import annotations

import re

from guardrail.demo.exchanges import Exchange, smuggled
from guardrail.demo.pictures import landscape
from guardrail.demo.report import write_report
from guardrail.demo.run import Happened

FINDING = {
    "ref": "/messages/0/content/1/image_url/url",
    "category": "prompt_injection",
    "score": 0.97,
    "box": [10, 300, 200, 340],
    "excerpt": "<script>alert(1)</script>",
}
FAINT = {**FINDING, "score": 0.2, "box": [1, 2, 3, 4]}
RECORD = {
    "sides": {
        "input": {
            "stages": [
                {
                    "stage": "ocr_injection",
                    "action": "BLOCK",
                    "ms": 12.3,
                    "findings": [FAINT, FINDING],
                }
            ]
        }
    }
}


def happened(action="block", **more):
    exchange = Exchange("A <b>name</b>", "a story", "a prompt", "block", landscape())
    return Happened(
        exchange, action, "no", 5.0, reached=False, untouched=False, record=RECORD, **more
    )


def report(tmp_path, *all_of_them):
    path = tmp_path / "report.html"
    write_report(path, all_of_them)
    return path.read_text("utf-8")


def test_likely_findings_are_drawn_where_they_are(tmp_path):
    page = report(tmp_path, happened())

    assert '<rect x="10" y="300" width="190" height="40" class="box"/>' in page
    assert page.count('class="box"/>') == 1
    assert "prompt_injection 0.97" in page


def test_all_text_is_escaped(tmp_path):
    page = report(tmp_path, happened())

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "A &lt;b&gt;name&lt;/b&gt;" in page


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    page = report(tmp_path, happened())

    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "default-src 'none'" in page


def test_an_exchange_that_ended_otherwise_says_so(tmp_path):
    assert "expected: block" in report(tmp_path, happened("allow"))
    assert "expected: block" not in report(tmp_path, happened("block"))


def test_invisible_characters_are_spelt_out(tmp_path):
    exchange = Exchange("x", "y", f"hello{smuggled('secret')} you", "block")
    one = Happened(exchange, "block", "no", 5.0, reached=False, untouched=False, record={})

    page = report(tmp_path, one)

    assert "hello⟦invisible: secret⟧ you" in page
    assert "\U000e0073" not in page
