"""Flow systems whose truth is known, and the evidence that would be published about them."""
