//! The configuration: `config.toml` with its profiles, where files live, and the environment.
//!
//! The only room besides `cli` that reads environment variables. Unknown keys are errors that name
//! line, column and the nearest known key; secrets never stand in the file.

mod entries;
mod environment;
mod file;
mod guards;
mod licenses;
mod paths;
mod place;
mod profile;
mod source;
#[cfg(test)]
mod tests;
mod write;

pub use environment::Environment;
pub use paths::{Paths, config_text, read_config};
pub use profile::{
    BadAddress, Config, Profile, TenantAuth, TenantConfig, check_name, tenant_address,
};
pub use source::{
    DirectoryConfig, EntraAuth, EntraCloud, EntraConfig, FileConfig, LdapAuth, LdapConfig,
    ldap_address,
};
pub use write::{Amended, amended};

/// The commented defaults: documentation that is also parsed by a test.
pub const DEFAULTS: &str = include_str!("../../assets/config.toml");
