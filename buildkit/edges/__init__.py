"""Where the tooling touches the world: the engine, the command line of docker, files, the environment."""
