"""Pages for people: what the server has, as HTML."""
