"""What makes decisions stand: their numbers, extracts and list, the adoption of the minutes."""
