"""What is to be carried out of what was decided: who, by when, and whether it was."""
