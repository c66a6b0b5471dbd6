"""Reads what people have on disk, in other vocabularies and formats, into our own records."""
