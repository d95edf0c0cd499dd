//! What speaks for the subject template: the count, what the identity provider says, who differs with
//! both subjects, and which templates would do better.

use crate::app::dialog::Dialog;
use crate::app::list::List;
use crate::app::model::App;
use crate::app::wrapped::wrap;
use crate::planner::identity::{Evidence, propose, report};
use crate::text::Raw;

impl App {
    /// Shows the evidence; who was read so far counts.
    pub(super) fn show_subjects(&mut self) {
        let Some(index) = self.derived.index.clone() else {
            return;
        };
        let snapshot = &self.data.snapshot;
        let evidence = Evidence::of(&index, snapshot);
        let mut all = vec![
            Raw::from(format!("{} {}", index.rule().template, evidence.words())),
            report::verdict(&evidence),
            report::provider(&evidence),
        ];
        if !snapshot.directory.people.proof.is_proven() {
            all.push(Raw::from(
                "Only people read so far are compared; open All people to compare everybody.",
            ));
        }
        let proposals = propose(&index, snapshot);
        if !proposals.is_empty() {
            all.extend([Raw::default(), Raw::from("Templates, best first")]);
            let lines = proposals
                .iter()
                .map(|one| Raw::from(format!("{}  {}", one.template, report::fit(one))));
            all.extend(lines);
        }
        for (title, users) in [
            ("Users who differ", &evidence.differ),
            ("Users with other capitals", &evidence.by_case),
        ] {
            if !users.is_empty() {
                all.extend([Raw::default(), Raw::from(title)]);
                all.extend(users.iter().map(report::difference));
            }
        }
        let room = self.dialog_room();
        let lines = all
            .iter()
            .flat_map(|line| wrap(line.show().as_str(), room))
            .collect();
        self.open_dialog(Dialog::Text {
            title: "Subjects".to_owned(),
            lines,
            list: List::default(),
        });
    }
}
