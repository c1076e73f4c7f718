"""What is held on people: where each is, the file that is given of it, what may be let go."""
