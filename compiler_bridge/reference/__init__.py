"""What generated code is compared with: slow, clear and independent of the generator."""
