"""What a stack is: its settings, what it is composed of, and what it offers to other teams."""
