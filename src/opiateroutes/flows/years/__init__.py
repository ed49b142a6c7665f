"""Several years side by side: estimates that share their parameters, and what changes."""
