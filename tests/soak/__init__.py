"""Everything at once, for as long as one likes: see __main__."""
