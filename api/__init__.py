"""The ways in: today the command line."""
