"""Draws of an estimate: inputs, evidence and costs vary together, and each draw is solved anew."""
