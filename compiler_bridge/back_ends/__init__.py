"""Code for the runtimes of others: one file a back end, behind one protocol."""
