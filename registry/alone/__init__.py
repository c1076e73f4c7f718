"""What somebody decides alone: decisions by delegation of the assembly, orders."""
