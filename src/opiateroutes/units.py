"""Units of weight, declared once.

Quantities are kilograms everywhere; published ones are converted by these factors. Conversions
between substances (opium to heroin) are evidence with a range: see ``evidence/parameters``.
"""

from __future__ import annotations

import math

__all__ = [
    "ACETIC_ANHYDRIDE_KG_PER_LITRE",
    "KG_PER_TONNE",
    "KG_PER_UNIT",
    "LITRES_PER_UNIT",
    "format_kg",
    "format_kg_interval",
]

KG_PER_TONNE = 1000.0

ACETIC_ANHYDRIDE_KG_PER_LITRE = 1.08
"""Density at 20 degrees Celsius (CRC Handbook of Chemistry and Physics); the INCB uses it too."""

KG_PER_UNIT = {
    "": 1.0,
    "kg": 1.0,
    "kgs": 1.0,
    "kilogram": 1.0,
    "kilograms": 1.0,
    "kilogramme": 1.0,
    "g": 1e-3,
    "gram": 1e-3,
    "grams": 1e-3,
    "gramme": 1e-3,
    "mg": 1e-6,
    "milligram": 1e-6,
    "t": 1e3,
    "ton": 1e3,
    "tons": 1e3,
    "tonne": 1e3,
    "tonnes": 1e3,
    "metricton": 1e3,
    "metrictons": 1e3,
    "lb": 0.45359237,
    "lbs": 0.45359237,
    "pound": 0.45359237,
    "pounds": 0.45359237,
    "oz": 0.028349523125,
    "ounce": 0.028349523125,
}
"""Units of weight as publications write them, without case and marks; no unit is kilograms.

Exact by definition (BIPM; international yard and pound agreement of 1959).
"""

LITRES_PER_UNIT = {"l": 1.0, "litre": 1.0, "litres": 1.0, "liter": 1.0, "liters": 1.0, "ml": 1e-3}

_FINEST_KG = 0.001


def format_kg(quantity_kg: float | None) -> str:
    """Write a weight for a reader: three significant digits, in kilograms or tonnes.

    Nothing is written finer than a gram, and thousands of tonnes are written out.

    Parameters
    ----------
    quantity_kg
        Weight in kilograms; a missing value gives ``"not known"``.

    Returns
    -------
    str
        The weight with its unit.

    Examples
    --------
    >>> format_kg(375_000), format_kg(12.34), format_kg(0), format_kg(0.0002)
    ('375 t', '12.3 kg', '0 kg', 'less than 0.001 kg')
    """
    try:
        kilograms = math.nan if quantity_kg is None else float(quantity_kg)
    except TypeError:  # pandas.NA
        kilograms = math.nan
    if math.isnan(kilograms):
        return "not known"
    if math.isinf(kilograms):
        return "unlimited"
    size = float(f"{abs(kilograms):.3g}")
    if 0 < size < _FINEST_KG:
        return f"less than {_FINEST_KG:g} kg"
    tonnes = size >= KG_PER_TONNE
    value = (kilograms / KG_PER_TONNE if tonnes else kilograms) + 0.0  # no negative zero
    digits = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 3)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {'t' if tonnes else 'kg'}"


def format_kg_interval(low_kg: float, high_kg: float) -> str:
    """Write an interval of weights, both ends with their unit.

    Examples
    --------
    >>> format_kg_interval(900, 1_200_000)
    '900 kg to 1,200 t'
    """
    return f"{format_kg(low_kg)} to {format_kg(high_kg)}"
