//! The configuration file, profiles, paths and the order in which secrets are looked up.
