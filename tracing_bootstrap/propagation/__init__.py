"""How a trace crosses a process's border: pure functions over header values."""
