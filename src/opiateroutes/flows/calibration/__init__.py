"""Calibration: what the evidence says about the coefficients of the cost model."""
