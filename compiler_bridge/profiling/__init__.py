"""Where a firmware's instructions and bytes go, step by step, and what the next saving is."""
