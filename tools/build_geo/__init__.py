"""Rebuild the country-level layers of ``data/geo`` from pinned public packages.

Run as ``python -m tools.build_geo``. The layers are committed, so nobody has to rebuild them to use
the library; the tool exists so that every geometry and every leg can be traced to its source and
made again.
"""
