"""The command line, one file a command. An edge: it may call every stage, nothing calls it."""
