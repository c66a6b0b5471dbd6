"""The server: REST, Thing Description Directory and SPARQL protocol over one store."""
