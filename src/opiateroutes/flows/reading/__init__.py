"""From fitted arrays back to tables by id: flows, intervals, leverage, routes."""
