"""Compilers and linkers: C sources of any ISA class become an ELF file."""
