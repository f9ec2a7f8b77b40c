"""What uses several verbs."""
