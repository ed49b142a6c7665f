"""The command line: parse, call, write. One command a file; nothing is computed here.

Exit codes: 0 done; 1 the data or the estimate has a problem; 2 the command was not understood (an
unknown option, year, country or table); 3 a file is missing or cannot be written.
"""

from opiateroutes.cli.app import main

__all__ = ["main"]
