import builtins
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from sample_report import report

from opiateroutes.errors import OutputError
from opiateroutes.reports import pdf


@pytest.fixture(scope="module")
def content():
    pytest.importorskip("weasyprint")
    return pdf.render(report(rows=80))


def test_document_is_tagged_titled_and_has_a_language(content):
    plain = content + b"".join(_streams(content))
    assert b"/MarkInfo" in plain
    assert b"/StructTreeRoot" in plain
    assert b"/Lang (en)" in plain
    assert b"pdfuaid:part" in plain


def test_long_table_goes_over_pages_with_its_head(content):
    plain = content + b"".join(_streams(content))
    pages = len(re.findall(rb"/Type /Page\b", plain))
    assert pages >= 4  # contents and summary, map, table over two
    heads = len(re.findall(rb"/S /THead", plain))
    assert heads >= 2


def test_same_report_same_bytes_in_another_process(content, tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import sample_report\n"
        "from opiateroutes.reports import pdf\n"
        "open(sys.argv[2], 'wb').write(pdf.render(sample_report.report(rows=80)))"
    )
    out = tmp_path / "other.pdf"
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Kabul"}
    here = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", code, here, str(out)], check=True, env=env)
    assert out.read_bytes() == content


@pytest.mark.parametrize(
    "error",
    [ImportError("No module named 'weasyprint'"), OSError("cannot load library 'libpango'")],
)
def test_without_weasyprint_the_message_says_what_to_do(monkeypatch, tmp_path, error):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("weasyprint"):
            raise error
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(OutputError, match=r"opiateroutes\[pdf\].*\.html and print it"):
        report().save(tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_read_from_disk_or_network(tmp_path):
    pytest.importorskip("weasyprint")
    _, fetcher = pdf.load_weasyprint()
    secret = tmp_path / "secret.txt"
    secret.write_text("x", encoding="utf-8")
    for url in (secret.as_uri(), "http://127.0.0.1:9/x.png"):
        with pytest.raises(ValueError, match="disallowed protocol"):
            fetcher(url)


def _streams(content):
    """Whatever is packed in a PDF, unpacked."""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, flags=re.DOTALL):
        try:
            yield zlib.decompress(packed)
        except zlib.error:
            yield packed
