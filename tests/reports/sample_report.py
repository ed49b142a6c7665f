"""A report with a block of every kind, and text that means harm in some format."""

from __future__ import annotations

import io
import struct
import zlib

from opiateroutes.reports.document import (
    Bullets,
    Cell,
    Column,
    Figure,
    Item,
    Paragraph,
    Report,
    Section,
    Table,
)

HOSTILE = '<script>alert("1")</script> & {{ 7 * 7 }} \x00</style>'
FORMULA = '=HYPERLINK("http://example.org","x")'

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" viewBox="0 0 40 30">'
    b'<rect width="40" height="30" fill="#00538f"/></svg>'
)


def png(width=4, height=3):
    """The bytes of a blue picture."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    row = b"\0" + bytes([0, 83, 143]) * width
    out = io.BytesIO()
    out.write(b"\x89PNG\r\n\x1a\n")
    out.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
    out.write(chunk(b"IDAT", zlib.compress(row * height)))
    out.write(chunk(b"IEND", b""))
    return out.getvalue()


COLUMNS = (
    Column("Place"),
    Column("Passes", "end", ("Passes, kg", "Passes, kg, low", "Passes, kg, high"), "#,##0"),
    Column("Drop", "end", number_format="0.0%"),
)


def table(rows=2, *, sheet="Ranking", note="How to read it."):
    made = tuple(
        (
            Cell(f"Place {k}"),
            Cell(f"{k} t", f"{k} t to {k + 1} t", (1000.0 * k, 1000.5 * k, 1000.0 * k + 1000.0)),
            Cell("not known", numbers=(None,)) if k == 0 else Cell("5.0%", numbers=(0.05,)),
        )
        for k in range(rows)
    )
    return Table("Drops at places", COLUMNS, made, sheet, note)


def report(*, rows=2, language="en", title="Chokepoints", text=HOSTILE):
    figure = Figure(f"A map: {text}", f"What it shows: {text}", SVG, png())
    hostile_row = (Cell(text), Cell(FORMULA), Cell("-2.0%", numbers=(-0.02,)))
    ranked = table(rows)
    ranked = Table(
        ranked.caption, ranked.columns, (*ranked.rows, hostile_row), ranked.sheet, ranked.note
    )
    sections = (
        Section("Summary", (Paragraph(text, "key"), Bullets((Item(text, "First:"), Item("B"))))),
        Section("Map", (figure, Paragraph("Notice.", "note")), new_page=True),
        Section("Ranking", (ranked, Section("Below", (table(1, sheet="Second"),)))),
    )
    return Report(title, f"Subtitle {FORMULA}", language, sections, {"package": "opiateroutes 0"})
