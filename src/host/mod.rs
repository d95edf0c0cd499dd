//! The machine itself behind the ports: disk, clock, randomness, secret store.
