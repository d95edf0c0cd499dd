//! The evidence in words, for whoever looks at it: in a plan, on the screen, by the doctor.

use super::evidence::{Difference, Doubtful, Evidence, Trust};
use super::propose::Proposal;
use super::stated::Stated;
use crate::text::Raw;

/// The verdict in a clause: whether users may be made by this template.
pub fn verdict(evidence: &Evidence) -> Raw {
    Raw::from(match evidence.trust() {
        Trust::Reproduced => "that proves it".to_owned(),
        Trust::Stated => said_by(evidence).to_owned(),
        Trust::Untold => format!(
            "not proven: only {} existing users can be compared",
            evidence.compared
        ),
        Trust::Doubtful(why) => format!("in doubt: {}", doubt(evidence, why)),
    })
}

/// By what the provider says it.
pub(in crate::planner) fn said_by(evidence: &Evidence) -> &'static str {
    if evidence.agrees {
        "the identity provider maps it so"
    } else {
        "the identity provider's last sign-in test shows it"
    }
}

/// What speaks against the template, in a clause; text from outside may stand in it.
pub(in crate::planner) fn doubt(evidence: &Evidence, why: Doubtful) -> String {
    match (why, &evidence.stated) {
        (Doubtful::Tested, _) => {
            let test = evidence.tested.as_ref();
            let theirs = test.map_or("", |test| test.theirs.expose());
            format!("the identity provider's last sign-in test gave {theirs} instead")
        }
        (Doubtful::Pairwise, _) => {
            "the identity provider sends Entra's sub claim, which no directory knows".to_owned()
        }
        (Doubtful::Account, _) => {
            "people sign in with a Qlik Account, whose subject is not known before they do"
                .to_owned()
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
        "{} has the subject {}, the template gives {}",
        one.person.name.expose(),
        one.user.subject.expose(),
        ours.map_or("nothing: an attribute is missing", |ours| ours.expose())
    ))
}

/// What speaks for a proposed template, in a clause of our own words.
pub fn fit(one: &Proposal) -> String {
    let said = if one.agrees {
        ", and the identity provider maps it so"
    } else {
        ""
    };
    format!(
        "gives {} of {} existing users the subject they have{said}",
        one.same, one.compared
    )
}
