"""CMSIS-NN, Arm's library of kernels, where a user has it: what it can do is called, not copied."""
