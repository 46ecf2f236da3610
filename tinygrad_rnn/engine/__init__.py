"""The engine: operations, the graph they leave behind, and the walk back over it."""
