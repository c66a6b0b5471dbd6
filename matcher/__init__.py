"""Requirements against capabilities: verdicts with evidence."""
