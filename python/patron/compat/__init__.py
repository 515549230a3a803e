"""Ways over from other libraries: their names and signatures on Patron's kernels."""
