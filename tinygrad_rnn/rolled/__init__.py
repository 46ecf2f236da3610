"""A recorded computation rolled up into loops: BPTT as a program that one can read, and that runs.

Its name is not `roll`, since that is the function that moves entries along an axis.
"""
