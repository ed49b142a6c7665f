"""Importers of published files, one layout a module; `reading` finds the layout of a file."""
