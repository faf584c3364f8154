"""Sample data that comes with the program: customers, their mapping, and three apps."""
