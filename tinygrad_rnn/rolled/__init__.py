"""A recorded computation rolled up into loops: BPTT as a program that one can read, and that runs."""
