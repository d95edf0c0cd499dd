//! The evidence in lines, for whoever looks at it on the screen or in a terminal.

use super::evidence::{Difference, Doubtful, Evidence, Trust};
use super::propose::Proposal;
use super::stated::Stated;
use crate::text::Raw;

/// The verdict in a clause: whether users may be made by this template.
pub fn verdict(evidence: &Evidence) -> Raw {
    Raw::from(match evidence.trust() {
        Trust::Reproduced => "proven by the users who are there".to_owned(),
        Trust::Stated if evidence.agrees => "the identity provider maps it so".to_owned(),
        Trust::Stated => "the identity provider's last sign-in test shows it".to_owned(),
        Trust::Untold => format!(
            "not proven: only {} existing users can be compared",
            evidence.compared
        ),
        Trust::Doubtful(why) => format!("in doubt: {}", doubt(evidence, why)),
    })
}

/// What speaks against the template, in a clause; text from outside may stand in it.
pub(in crate::planner) fn doubt(evidence: &Evidence, why: Doubtful) -> String {
    match (why, &evidence.stated) {
        (Doubtful::Tested, _) => {
            let test = evidence.tested.as_ref();
            let theirs = test.map_or("", |test| test.user.subject.expose());
            format!("the identity provider's last sign-in test gave {theirs} instead")
        }
        (Doubtful::Pairwise, _) => {
            "the identity provider sends Entra's sub claim, which no directory knows".to_owned()
        }
        (Doubtful::Share, _) => format!(
            "{} % of existing users fit, {} % are wanted",
            evidence.percent(),
            evidence.share
        ),
        (Doubtful::Other, Stated::Template(other)) => {
            format!("the identity provider maps {other}")
        }
        (Doubtful::Other, _) => "the identity provider maps something else".to_owned(),
    }
}

/// What the identity provider says of itself, in a sentence.
pub fn provider(evidence: &Evidence) -> Raw {
    Raw::from(match &evidence.stated {
        Stated::Template(text) => format!("The identity provider's mapping makes {text}."),
        Stated::Pairwise => {
            "The identity provider sends Entra's sub claim: random text for each application."
                .to_owned()
        }
        Stated::Claim(claim) => format!(
            "The identity provider takes the subject from {}, an attribute that qroll does not know.",
            claim.expose()
        ),
        Stated::Account => {
            "No identity provider of the company's own is active: people sign in with a Qlik Account."
                .to_owned()
        }
        Stated::Unknown => "The identity provider tells nothing of subjects.".to_owned(),
    })
}

/// One user whom the template gives another subject: who, what the user has, what it would be.
pub fn difference(one: &Difference) -> Raw {
    let ours = one.ours.as_ref();
    Raw::from(format!(
        "{}  has {}  the template gives {}",
        one.person.name.expose(),
        one.user.subject.expose(),
        ours.map_or("nothing: an attribute is missing", |ours| ours.expose())
    ))
}

/// A proposal with its count.
pub fn proposal(one: &Proposal) -> Raw {
    Raw::from(format!(
        "{}  {} of {}, {}",
        one.template,
        one.evidence.same,
        one.evidence.compared,
        verdict(&one.evidence).expose()
    ))
}
