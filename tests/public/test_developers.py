"""The API's reference page: under the strict policy, without script of its own, in words of the reader's language."""

from __future__ import annotations

import re

from flask import Flask

from tests.people import browser


def test_the_page_is_made_of_the_document_and_links_lead_somewhere(app: Flask) -> None:
    page = browser(app).get("/developers", headers={"Accept-Language": "en"})
    assert page.status_code == 200 and "default-src 'none'" in page.headers["Content-Security-Policy"]
    targets = set(re.findall(r'href="#([\w.]+)"', page.text)) - {"main"}
    assert targets and targets <= set(re.findall(r'id="([\w.]+)"', page.text))
    assert 'href="/api/v1/openapi.json"' in page.text
    stamp = page.text.split('id="vendor.stamp.add"')[1].split("</article>")[0]
    for word in ("Idempotency-Key", "quantity", "integer, 1 to 20", "cooling_down", 'href="#Receipt"'):
        assert word in stamp, word
    assert "`" not in page.text
