"""From a network and its evidence to a path measure and rows: ids become positions here."""
