"""Several commodities: labels with conversion at nodes, and precursors on the reversed network."""
