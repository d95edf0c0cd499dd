//! The company: names that directories really hold, people who are disabled, without mail or with
//! somebody else's, groups inside groups, in a circle, in themselves, and empty.

use crate::ldap::company::NAMES;

/// Further names, besides [`NAMES`], that something on the way might touch.
const MORE: [&str; 14] = [
    "  Blanks around  ",
    "Zo\u{e9} Composed",
    "=HYPERLINK(\"http://evil.example\")",
    "#first a hash",
    "semi; colon | bar",
    "\u{9b}31mOne control",
    "zero\u{200b}width\u{200d}joiner",
    "Ｆｕｌｌ　width",
    "'single' -dash @at",
    "İstanbul ıstakoz",
    "مرحبا بك",
    "Double  blank inside",
    "Trailing backslash\\",
    "Same Name",
];
/// How many people there are.
pub(super) const PEOPLE: usize = 60;

/// Somebody.
pub(super) struct Human {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) upn: String,
    pub(super) mail: Option<String>,
    pub(super) aliases: Vec<String>,
    pub(super) enabled: bool,
    pub(super) guest: bool,
    /// Guests have no account on the premises.
    pub(super) sam: Option<String>,
    pub(super) department: &'static str,
    pub(super) title: &'static str,
    pub(super) employee: String,
}

/// A group, with who is directly in it.
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) people: Vec<usize>,
    pub(super) groups: Vec<usize>,
}

/// Everybody.
pub(super) fn people() -> Vec<Human> {
    (0..PEOPLE).map(human).collect()
}

fn human(number: usize) -> Human {
    let guest = number % 20 == 13;
    let mail = format!("p{number:03}@corp.example");
    Human {
        id: id(number),
        name: name(number),
        upn: match number {
            _ if guest => format!("p{number:03}_partner.example#EXT#@corp.example"),
            // Kerberos writes the realm in capitals; Entra may hold it so.
            20 => "P020@CORP.EXAMPLE".to_owned(),
            _ => mail.clone(),
        },
        mail: match number % 15 {
            11 => None,
            // Two and two have one mailbox, spelled in two ways.
            12 if number < 30 => Some("Shared@corp.example".to_owned()),
            12 => Some("shared@Corp.example".to_owned()),
            _ => Some(mail.clone()),
        },
        aliases: match number % 10 {
            7 => vec![format!("alias{number:03}@corp.example")],
            // The primary address once more in other letters, and one address twice.
            8 => vec![
                mail.to_uppercase(),
                format!("second{number:03}@corp.example"),
                format!("SECOND{number:03}@corp.example"),
            ],
            _ => Vec::new(),
        },
        enabled: number % 9 != 5,
        guest,
        sam: (!guest).then(|| format!("p{number:03}")),
        department: ["Sales", "R&D, \"Labs\"", ""][number % 3],
        title: ["Analyst", "Chef \u{202e}gnp"][number % 2],
        employee: if number.is_multiple_of(4) {
            String::new()
        } else {
            format!("E-{number:04}")
        },
    }
}

fn name(number: usize) -> String {
    let hostile = NAMES.len() + MORE.len();
    match number {
        _ if number < NAMES.len() => NAMES[number].to_owned(),
        _ if number < hostile => MORE[number - NAMES.len()].to_owned(),
        // Two people of one name: the id decides their order.
        _ if number == hostile => MORE[MORE.len() - 1].to_owned(),
        _ if number == hostile + 1 => "long ".repeat(60).trim().to_owned(),
        _ => format!("Person {number:03}"),
    }
}

/// The groups.
pub(super) fn groups() -> Vec<Group> {
    let group = |number: usize, name, people: Vec<usize>, groups: &[usize]| Group {
        id: id(1_000 + number),
        name,
        description: ["", "what it is for"][number % 2],
        people,
        groups: groups.to_vec(),
    };
    vec![
        group(0, "QLIK_ANALYZERS", (0..20).collect(), &[1]),
        group(1, "Finance, \"EMEA\" + Co\\", (15..30).collect(), &[2]),
        // Back to the first: a circle.
        group(2, "财务 👩‍🔬 \u{202e}x", (30..36).collect(), &[0]),
        group(3, "Empty", Vec::new(), &[]),
        group(4, "Itself", vec![3], &[4]),
        // Nobody of its own, and person 3 over two ways.
        group(5, "Top", Vec::new(), &[0, 4]),
        group(6, "Esc\u{1b}[2J\nbreak", vec![3, 5, 13, 33], &[]),
        group(7, "Zoe\u{301} (star) *", vec![40], &[6]),
        // Two ways that are equally short: to 40 over 7 and 9, to 33 over 7 and 6 or 9 and 2.
        group(8, "Two ways", Vec::new(), &[7, 9]),
        group(9, "Another", vec![40], &[2]),
    ]
}

/// An id that each source can hold: a GUID.
fn id(number: usize) -> String {
    format!("{number:08x}-7a11-4b3c-8d00-{number:012x}")
}

/// The tenant that all four meet: users by subject, by an old subject and the e-mail, by an alias, with
/// a shared mailbox, a disabled one, strangers, a seat without a user.
pub(super) const TENANT: &str = r#"
title = "One company through four sources"
seed = 21

[tenant]
subject = 'CORP\{sam}'
allotments = [{ name = "professional", units = 20 }, { name = "analyzer", units = 30 }]

[[groups]]
name = "QLIK_ANALYZERS"
known = true

[[users]]
named = ["By Subject"]
user = { subject = 'CORP\p004', email = "p004@corp.example", license = "analyzer" }

[[users]]
named = ["In Capitals"]
user = { subject = 'corp\P006', email = "P006@CORP.EXAMPLE", status = "disabled", license = "professional" }

[[users]]
named = ["Old Subject"]
user = { subject = 'old|9', email = "p009@corp.example", license = "analyzer" }

[[users]]
named = ["By Alias"]
user = { subject = 'old|17', email = "alias017@corp.example", license = "analyzer" }

[[users]]
named = ["Second Alias"]
user = { subject = 'old|28', email = "second028@corp.example" }

[[users]]
named = ["Shared Mailbox"]
user = { subject = 'old|12', email = "shared@corp.example", license = "analyzer" }

[[users]]
named = ["A Guest"]
user = { subject = 'guest|13', email = "p013@corp.example" }

[[users]]
count = 3
user = { subject = 'nobody|{id}', license = "analyzer" }

[[licenses]]
count = 1
subject = 'CORP\p010'
license = "analyzer"
"#;
