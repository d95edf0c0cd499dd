//! HTTP as the connectors use it: one request out, one whole answer or one typed failure in, plus
//! what every remote protocol needs above that line: an origin that guards the Authorization
//! header, a token that is fetched once, waits that a server asked for.

mod answer;
mod failure;
mod logged;
mod origin;
mod proxy;
mod token;
mod waits;
mod wire;

pub use logged::{Learn, LoggedWire};
pub use proxy::{ProxyInUse, proxy_for};
pub use wire::{ReqwestWire, WireOptions};

pub(in crate::connectors) use answer::{
    check_answer, is_other_than_json, is_page, parse_json, unreachable,
};
pub(in crate::connectors) use origin::Origin;
pub(in crate::connectors) use token::{Bearer, Fetched, TokenBook};
pub(in crate::connectors) use waits::{backoff, jittered, retry_after, server_time};
