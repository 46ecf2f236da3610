"""`python -m tinygrad_rnn`: the same as the command `tinygrad-rnn`."""

import sys

from tinygrad_rnn.lab.cli import main

if __name__ == "__main__":
    sys.exit(main())
