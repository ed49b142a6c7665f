"""The methods that an analyst compares with: the same question, answered in other ways.

Each method is a module; all of them put their flows on the arcs of one bound problem, so that every
table of a result reads alike whichever method made it.
"""
