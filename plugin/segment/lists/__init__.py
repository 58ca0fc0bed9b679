"""Static lists: read (a file or a text → whom it names), members (imports, and taking them back), saved (the lists)."""
