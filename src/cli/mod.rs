//! One file per subcommand: parse, wire the rooms together, print, choose the exit code.
