"""The laboratory on top: the command line, demonstrations, data and training; nothing else imports it."""
