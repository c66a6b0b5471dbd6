"""Plans for fleets: which model goes on which devices, in which order, and what is left out."""
