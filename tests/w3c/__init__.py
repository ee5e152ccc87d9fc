"""The W3C trace-context suite, and cases of our own, over real services in the image."""
