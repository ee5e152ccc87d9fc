"""The company's build kit: builds the base image, and proves that images are traced."""
