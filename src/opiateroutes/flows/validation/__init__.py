"""Validation: how well figures are predicted that the estimate has not seen, and what N decides."""
