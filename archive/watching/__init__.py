"""What whoever runs the server asks of it: how it is, and what to do."""
