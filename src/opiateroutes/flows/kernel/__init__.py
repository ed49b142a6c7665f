"""The path measure on arrays: no ids, no tables; the batch axis comes last."""
