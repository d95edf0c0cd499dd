//! The tenant port, wired to the files beside.

use jiff::SignedDuration;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use url::Url;

use super::client::{Ask, Client};
use super::credential::QlikCredential;
use super::lists::{self, LicenseOrder};
use super::observe::{BatchSize, observe};
use super::others::Sharer;
use super::prepare::prepare;
use super::usage::usage;
use super::vouch::identify;
use super::{load, send};
use crate::connectors::http::parse_json;
use crate::domain::{
    Identity, List, Listing, Reading, SpaceAssignment, SpaceId, TenantInfo, TenantSnapshot, Tier,
    Usage,
};
use crate::ports::{
    Clock, Durable, LoadProgress, LookAt, Observation, Prepared, Problem, Question, Reply, Rng,
    Room, Tenant, UsageTold, Wire, Work, WriteCall,
};
use crate::text::Raw;

/// A Qlik Cloud tenant.
pub struct QlikTenant {
    client: Client,
    known: OnceCell<(TenantInfo, Identity)>,
    license_order: LicenseOrder,
    batch_size: BatchSize,
    proxy: Option<String>,
    sharers: Vec<Sharer>,
}

impl QlikTenant {
    /// A tenant at this address (`https://NAME.REGION.qlikcloud.com`). Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` when the address is none.
    pub fn new(
        wire: Arc<dyn Wire>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        origin: &Url,
        credential: QlikCredential,
    ) -> Result<Self, Problem> {
        Ok(Self {
            client: Client::new(wire, clock, rng, origin, credential)?,
            known: OnceCell::new(),
            license_order: LicenseOrder::default(),
            batch_size: BatchSize::default(),
            proxy: None,
            sharers: Vec::new(),
        })
    }

    /// Says through which proxy its requests go.
    #[must_use]
    pub fn through_proxy(mut self, proxy: Option<String>) -> Self {
        self.proxy = proxy;
        self
    }

    /// Names the other tenants on the same license, whose users are read with everything else.
    #[must_use]
    pub fn sharing(mut self, sharers: Vec<Sharer>) -> Self {
        self.sharers = sharers;
        self
    }

    /// Whether a tenant answers at this address, asked without any credential (dossier 1.1).
    ///
    /// # Errors
    /// Nobody answers, or somebody who is no tenant.
    pub async fn greet(&self) -> Result<(), Problem> {
        let ask = Ask::get("/.well-known/oauth-authorization-server");
        let answer = self.client.read_with(&ask, false).await;
        let answer = answer.map_err(|refused| refused.problem)?;
        parse_json::<Greeting>(&answer, "GET /.well-known/oauth-authorization-server")?;
        Ok(())
    }

    /// Requests sent in the running window of a tier, and how many may be.
    pub fn window(&self, tier: Tier) -> (usize, usize) {
        self.client.pacer.window(tier.into())
    }

    /// How long until the last of `writes` further writes may go, at the published rate.
    pub fn time_for(&self, writes: usize) -> Duration {
        self.client.pacer.time_for(Tier::Two.into(), writes)
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn sharers(&self) -> &[Sharer] {
        &self.sharers
    }

    pub(super) fn license_order(&self) -> &LicenseOrder {
        &self.license_order
    }

    pub(super) fn batch_size(&self) -> &BatchSize {
        &self.batch_size
    }

    /// Tenant and own user, read once for all that only want to know where they are.
    pub(super) async fn identity(&self) -> Result<(TenantInfo, Identity), Problem> {
        let known = self
            .known
            .get_or_try_init(|| identify(&self.client))
            .await?;
        Ok(known.clone())
    }
}

/// What makes an answer that of a tenant.
#[derive(Deserialize)]
struct Greeting {
    #[serde(rename = "token_endpoint")]
    _token_endpoint: String,
}

impl Tenant for QlikTenant {
    fn identify(&self) -> Work<'_, Result<(TenantInfo, Identity), Problem>> {
        Box::pin(async {
            let seen = identify(&self.client).await?;
            // A load that follows need not ask again.
            let _ = self.known.set(seen.clone());
            Ok(seen)
        })
    }

    fn load<'a>(
        &'a self,
        progress: &'a (dyn Fn(LoadProgress) + Send + Sync),
    ) -> Work<'a, Result<TenantSnapshot, Problem>> {
        Box::pin(load::load(self, progress))
    }

    fn assignments<'a>(
        &'a self,
        space: &'a SpaceId,
    ) -> Work<'a, Result<Reading<Vec<SpaceAssignment>>, Problem>> {
        Box::pin(async move { lists::assignments(&self.client, space, None, &|_, _| {}).await })
    }

    fn again<'a>(&'a self, list: &'a List) -> Work<'a, Result<Listing, Problem>> {
        Box::pin(load::again(self, list))
    }

    fn observe<'a>(&'a self, question: &'a Question) -> Work<'a, Result<Observation, Problem>> {
        Box::pin(observe(self, question))
    }

    fn prepare(&self, call: &WriteCall) -> Prepared {
        prepare(call)
    }

    fn through(&self) -> Option<String> {
        self.proxy.clone()
    }

    fn room(&self, tier: Tier) -> Room {
        // A write may be preceded by the request for its token, which counts with it.
        let aside = usize::from(tier == Tier::Two && self.client.renewable());
        self.client.pacer.room(tier.into(), aside)
    }

    fn remember(&self, tier: Tier, sent: &[Duration], paused: Duration) {
        self.client.pacer.remember(tier.into(), sent, paused);
    }

    fn usage<'a>(
        &'a self,
        look: &'a LookAt<'a>,
        told: &'a (dyn Fn(UsageTold) + Send + Sync),
    ) -> Work<'a, Result<Reading<Usage>, Problem>> {
        Box::pin(usage(&self.client, look, told))
    }

    fn scopes(&self) -> Option<Raw> {
        self.client.scopes()
    }

    fn skew(&self) -> Option<SignedDuration> {
        self.client.skew()
    }

    fn reconnect(&self) {
        self.client.reconnect();
    }

    fn send(&self, _durable: Durable, call: Prepared) -> Work<'_, Reply> {
        Box::pin(send::send(&self.client, call))
    }
}
