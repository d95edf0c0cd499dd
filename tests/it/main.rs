//! One integration binary. Real parts only: HTTP on loopback, the real program, a real pty.

#![expect(
    clippy::disallowed_methods,
    reason = "tests look at files, clocks and the environment"
)]

mod alike;
mod architecture;
mod canned;
mod cli;
mod commit;
mod connect;
mod contract;
mod disk;
mod entra;
mod faults;
mod fuzz;
mod guards;
mod hostile;
mod ldap;
mod proof;
mod pty;
mod qlik_client;
mod screens;
mod secrets;
mod siege;
mod simulator;
mod tui;
mod usage;
mod wire;
