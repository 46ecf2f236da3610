"""The page: one self-contained HTML file in which a learner walks through a graph, forwards and backwards."""
