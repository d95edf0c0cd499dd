//! One integration binary. Real parts only: HTTP on loopback, the real program, a real pty.

mod architecture;
