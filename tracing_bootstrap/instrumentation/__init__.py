"""One small module a library: where its spans begin and end."""
