"""What is read from a recorded graph for people: ledgers, steps, flow, names, and where things went wrong."""
