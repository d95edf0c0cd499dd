//! What the tenant's identity provider says about subjects: its mapping of claims, as a template.

use crate::domain::{IdentityProvider, Snapshot, SourceKind};
use crate::text::Raw;

/// What is known of subjects from the provider that people sign in through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated {
    /// Its mapping, written as a template.
    Template(String),
    /// The `sub` of Entra: random text for each application, which no directory knows (Microsoft,
    /// access token claims). Nobody can be made by subject.
    Pairwise,
    /// A claim of which this program does not know the attribute.
    Claim(Raw),
    /// No provider of the company's own is active: people sign in with a Qlik Account, whose subject
    /// is not known before they do.
    Account,
    /// The providers could not be read, or say nothing of subjects.
    Unknown,
}

/// Reads it from the snapshot.
pub fn stated(snapshot: &Snapshot) -> Stated {
    let providers = &snapshot.tenant.identity_providers;
    let Some(active) = active(&providers.value) else {
        let whole = providers.proof.is_proven();
        // A list that is empty is what a hand-made or an old snapshot holds as well.
        return if whole && !providers.value.is_empty() {
            Stated::Account
        } else {
            Stated::Unknown
        };
    };
    let Some(claim) = active.subject_claims.first() else {
        return Stated::Unknown;
    };
    let Some(attribute) = attribute(claim, active, snapshot.directory.kind) else {
        return if is_pairwise(claim, active) {
            Stated::Pairwise
        } else {
            Stated::Claim(claim.clone())
        };
    };
    let realm = active.realm.as_ref().filter(|realm| !realm.is_blank());
    let prefix = realm.map_or(String::new(), |realm| {
        format!("{}\\", literal(realm.expose()))
    });
    Stated::Template(format!("{prefix}{{{attribute}}}"))
}

/// The provider that people sign in through; at most one is (Qlik help, identity providers).
pub(super) fn active(providers: &[IdentityProvider]) -> Option<&IdentityProvider> {
    providers.iter().find(|one| one.active && one.interactive)
}

/// Claims stand as JSON pointers or as bare names (qlik.dev, identity providers).
fn name(claim: &Raw) -> String {
    claim.expose().trim().trim_start_matches('/').to_lowercase()
}

fn attribute(
    claim: &Raw,
    provider: &IdentityProvider,
    directory: SourceKind,
) -> Option<&'static str> {
    Some(match name(claim).as_str() {
        // The object id of Entra is no attribute of another directory.
        "oid" if directory != SourceKind::Ldap && is_entra(provider) => "id",
        "upn" | "preferred_username" => "upn",
        "email" | "mail" => "mail",
        "samaccountname" | "onpremisessamaccountname" | "onpremises_sam_account_name" => "sam",
        _ => return None,
    })
}

fn is_pairwise(claim: &Raw, provider: &IdentityProvider) -> bool {
    name(claim) == "sub" && is_entra(provider)
}

fn is_entra(provider: &IdentityProvider) -> bool {
    provider.provider.expose().eq_ignore_ascii_case("azureAD")
}

/// Braces are doubled in templates.
pub(super) fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
