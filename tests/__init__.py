"""The tests of tinygrad_rnn: each folder checks the part of the package it is named after."""
