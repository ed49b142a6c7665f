"""Sections of the chokepoint report, one a file, from material that is gathered once."""
