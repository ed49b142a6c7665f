"""Evidence that cannot hold together: which rows, by how much, and what leaving one out does."""
