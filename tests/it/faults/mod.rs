//! The HTTP fault matrix (T6): a whole run through the real client and the real wire against the
//! embedded tenant, with a raw gateway in between that breaks one write in one way.

mod answers;
mod desk;
mod endpoints;
mod gateway;
mod matrix;
mod table;
mod unknown;
