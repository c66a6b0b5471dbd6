"""The commands of ``fitgraph``, one group a file. Heavy imports happen inside a command."""
