//! The directory: which kind, how it is signed in to, and whether people and groups can be read.

use super::given::Given;
use super::run::Desk;
use super::step::Step;
use super::tried::Next;
use super::{entra, file, ldap};
use crate::cli::doctor::check_directory;
use crate::config::{DirectoryConfig, TenantConfig};
use crate::domain::DirectorySnapshot;
use crate::ports::Problem;

/// The directory with its secret where it has one, and what could be read of it.
pub(super) struct SourceStep {
    pub(super) config: DirectoryConfig,
    pub(super) secret: Option<Given>,
    pub(super) snapshot: Option<DirectorySnapshot>,
}

/// Asks until the checks pass or the operator goes on.
pub(super) async fn step(
    desk: &Desk<'_>,
    tenant: &TenantConfig,
    old: Option<&DirectoryConfig>,
) -> Result<SourceStep, Problem> {
    let talk = desk.talk;
    talk.head(Step::Directory);
    let mut before = old.cloned();
    let mut secret: Option<Given> = None;
    loop {
        let ask = async || ask(desk, tenant, before.as_ref(), secret.as_ref()).await;
        let (config, given) = talk.round(ask).await?;
        talk.say("\nReading all people and groups, as the doctor does; nothing is written:");
        let ready = desk.ready(Some(tenant), Some(&config), None, given.as_ref())?;
        let (snapshot, next) = talk
            .tried(&ready, "the directory", async |ready, report| {
                check_directory(ready, report, talk.out).await
            })
            .await?;
        if next == Next::On {
            return Ok(SourceStep {
                config,
                secret: given,
                snapshot,
            });
        }
        (before, secret) = (Some(config), given);
    }
}

/// Which kind, and what it needs.
async fn ask(
    desk: &Desk<'_>,
    tenant: &TenantConfig,
    before: Option<&DirectoryConfig>,
    secret: Option<&Given>,
) -> Result<(DirectoryConfig, Option<Given>), Problem> {
    let talk = desk.talk;
    let default = match before {
        None | Some(DirectoryConfig::Entra(_)) => 0,
        Some(DirectoryConfig::Ldap(_)) => 1,
        Some(DirectoryConfig::File(_)) => 2,
    };
    let ways = [
        "Microsoft Entra ID",
        "LDAP: Active Directory, OpenLDAP, 389ds, FreeIPA",
        "A CSV or LDIF file",
    ];
    Ok(
        match (
            talk.choice("Where do people come from?", &ways, default)?,
            before,
        ) {
            (0, Some(DirectoryConfig::Entra(old))) => entra::ask(desk, Some(old), secret).await?,
            (0, _) => entra::ask(desk, None, None).await?,
            (1, Some(DirectoryConfig::Ldap(old))) => {
                ldap::ask(desk, tenant, Some(old), secret).await?
            }
            (1, _) => ldap::ask(desk, tenant, None, None).await?,
            (_, Some(DirectoryConfig::File(old))) => (file::ask(talk, Some(old))?, None),
            (_, _) => (file::ask(talk, None)?, None),
        },
    )
}
