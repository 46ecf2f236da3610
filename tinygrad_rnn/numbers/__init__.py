"""The numbers of this machine: their types, where they are kept, and random ones."""
