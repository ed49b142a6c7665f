import io
import re

import numpy as np

import opiateroutes as opr
from opiateroutes.reports.drawings import slim_svg


def drawn(path):
    return f'<path d="{path}" style="stroke-width: 1.23456"/>'.encode()


def test_turns_stay_and_neighbours_go():
    path = "M 0.04 0.0 \nL 0.3 0.2 \nL 0.5 0.6 \nL 10.123456 0.0 \nL 10.2 8.0 \nL 10.3 8.2"
    assert slim_svg(drawn(path)) == drawn("M0 0L10.1 0 10.2 8 10.3 8.2")


def test_ends_and_closed_rings_stay():
    path = "M 1.0 1.0 L 5.0 1.0 L 5.0 5.0 z M 8.0 8.0 L 8.1 8.1 z M 9.0 9.0"
    assert slim_svg(drawn(path)) == drawn("M1 1L5 1 5 5zM8 8L8.1 8.1zM9 9")


def test_curves_keep_all_points():
    path = "M 1.0001 1.0 C 1.1 1.1 1.2 1.2 1.26 1.3"
    assert slim_svg(drawn(path)) == drawn("M 1 1 C 1.1 1.1 1.2 1.2 1.3 1.3")


def test_no_negative_zero():
    assert slim_svg(drawn("M -0.01 0.0 L 9.0 -0.04")) == drawn("M0 0L9 0")


def test_letters_are_left_alone():
    letters = b'<defs><path id="a" d="M 0.125 0.25 L 0.126 0.26"/></defs>'
    assert slim_svg(letters + drawn("M 0.0 0.0 L 0.1 0.1 L 9.0 9.0")) == letters + drawn("M0 0L9 9")


def test_map_is_much_smaller_and_looks_the_same():
    figure, stream = opr.load_network().plot().figure, io.BytesIO()
    figure.savefig(stream, format="svg")
    before, after = stream.getvalue(), slim_svg(stream.getvalue())
    assert len(after) < 0.5 * len(before)
    # Every path keeps its first point to a tenth of a point.
    first = re.compile(rb'(?<=[" ])d="M ?(-?[\d.]+) (-?[\d.]+)')
    ends = [np.array(first.findall(svg), dtype=float) for svg in (before, after)]
    assert len(ends[0]) == len(ends[1])
    assert np.abs(ends[0] - ends[1]).max() <= 0.05 + 1e-9
