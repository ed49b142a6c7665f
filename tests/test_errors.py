from __future__ import annotations

import ast
import pickle
import warnings
from pathlib import Path

import pandas as pd
import pytest

from opiateroutes import errors

COLUMNS = ["table", "row", "column", "value", "rule", "hint"]
CLASSES = [getattr(errors, name) for name in errors.__all__]
ERRORS = [c for c in CLASSES if not issubclass(c, Warning)]
WARNINGS = [c for c in CLASSES if issubclass(c, Warning)]


def failures(count):
    return pd.DataFrame(
        [("legs", k, "cost", "x", "a number", "swap") for k in range(count)], columns=COLUMNS
    )


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_ours_and_a_builtin_one(error):
    assert issubclass(error, errors.OpiateRoutesError)
    builtin = (ValueError, KeyError, OSError, ArithmeticError)
    assert error is errors.OpiateRoutesError or issubclass(error, builtin)


@pytest.mark.parametrize("warning", WARNINGS)
def test_every_warning_is_a_user_warning(warning):
    with pytest.warns(UserWarning, match="said"):
        warnings.warn("said", warning, stacklevel=1)


def test_every_class_of_the_module_is_public():
    tree = ast.parse(Path(errors.__file__).read_text(encoding="utf-8"))
    assert sorted(n.name for n in tree.body if isinstance(n, ast.ClassDef)) == errors.__all__


def test_the_module_imports_nothing_of_the_library():
    tree = ast.parse(Path(errors.__file__).read_text(encoding="utf-8"))
    modules = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert set(modules) == {"__future__", "typing"}


@pytest.mark.parametrize(("count", "lines", "more"), [(1, 2, None), (5, 6, None), (8, 7, "3 more")])
def test_a_validation_error_shows_the_first_failures_and_holds_all(count, lines, more):
    error = errors.NetworkError("wrong", failures(count))
    text = str(error).split("\n")
    assert len(text) == lines
    assert text[0] == "wrong"
    assert text[1] == "  legs, row 0, column cost: 'x': a number (swap)"
    assert more is None or more in text[-1]
    assert len(error.failures) == count


def test_a_failure_without_a_hint_has_no_brackets():
    assert "(" not in str(errors.EvidenceError("wrong", failures(1).assign(hint="")))


@pytest.mark.parametrize(
    "kind", [errors.ValidationError, errors.NetworkError, errors.EvidenceError]
)
def test_a_validation_error_survives_the_way_back_from_a_worker(kind):
    back = pickle.loads(pickle.dumps(kind("wrong", failures(7))))  # noqa: S301 - made one line above
    assert type(back) is kind
    assert str(back) == str(kind("wrong", failures(7)))
    pd.testing.assert_frame_equal(back.failures, failures(7))


@pytest.mark.parametrize(("args", "text"), [(("no node 'x'",), "no node 'x'"), ((), "")])
def test_an_unknown_name_is_said_without_quotes_around_it(args, text):
    assert str(errors.UnknownNameError(*args)) == text
