//! Floor 5: the command line. The only place that prints, exits, reads the environment and argv.
