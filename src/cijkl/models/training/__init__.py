"""Training of networks: data, one loop for all of them, and the file that says how it was done."""
