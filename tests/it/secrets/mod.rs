//! Secrets stay where they belong (T14): hostile links and redirects against two servers, canaries
//! in every source, and what the running process and its files look like from outside.

mod canaries;
mod host;
mod links;
mod network;
mod tls;
