from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

import opiateroutes as opr

# NUL ends a text in SQLite; everything else that a table can hold must survive.
WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=6)
IDS = WORDS.filter(bool)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64)
INTEGERS = st.integers(-(2**53), 2**53)


def _column(draw, values, size, dtype):
    drawn = draw(st.lists(st.none() | values, min_size=size, max_size=size))
    return pd.array([pd.NA if v is None else v for v in drawn], dtype=dtype)


@st.composite
def networks(draw):
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    count = len(ids)
    nodes = pd.DataFrame(
        {
            "node": ids,
            "name": _column(draw, WORDS, count, "str"),
            "iso3": _column(draw, WORDS, count, "str"),
            "lon": _column(draw, st.floats(-180, 180), count, "Float64"),
            "lat": _column(draw, st.floats(-90, 90), count, "Float64"),
            "people": _column(draw, INTEGERS, count, "Int64"),
            "Öffnung & <b>": _column(draw, WORDS, count, "str"),
        }
    )
    size = draw(st.integers(0, 5))
    legs = pd.DataFrame(
        {
            "from": draw(st.lists(st.sampled_from(ids), min_size=size, max_size=size)),
            "to": draw(st.lists(st.sampled_from(ids), min_size=size, max_size=size)),
            "mode": _column(draw, WORDS, size, "str"),
            "distance_km": _column(draw, st.floats(0, 1e5), size, "Float64"),
            "weight": _column(draw, NUMBERS, size, "Float64"),
            "key": _column(draw, WORDS, size, "str"),
            "open": _column(draw, st.booleans(), size, "boolean"),
        }
    )
    if draw(st.booleans()):
        legs["leg"] = draw(st.lists(IDS, min_size=size, max_size=size, unique=True))
    meta = draw(st.dictionaries(WORDS, WORDS | INTEGERS | st.booleans() | NUMBERS, max_size=3))
    return opr.RouteNetwork.from_tables(nodes, legs, meta=meta)
