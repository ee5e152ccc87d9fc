"""What is in an image, where does it come from, and who vouches for it?"""
