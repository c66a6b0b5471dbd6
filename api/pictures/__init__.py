"""Pictures as SVG: pure functions, the same for the command line and for pages."""
