"""What checks a proof without us: each file stands alone, and is given away as it is."""
