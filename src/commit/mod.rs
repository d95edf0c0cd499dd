//! Applies an approved plan through the ports: executor, journal, lock, resume.
