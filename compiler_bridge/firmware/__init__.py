"""What surrounds a model in a firmware: start-up, harness, memory functions, linker script."""
