"""What the tooling can be asked to do: one module for each verb."""
