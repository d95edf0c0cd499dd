//! What is broken, how, and what has to come of it (reliability 2.3, A and B).

use super::endpoints::Endpoint;

/// Whether the tenant did it before the answer was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Yes,
    No,
    /// After the client had given up and read for the first time (A8).
    Late,
}

/// What one item of a 207 suffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    Refuse(usize),
    Reorder,
    Missing(usize),
    Double(usize),
    Unasked(usize),
    Strange(usize),
    Words,
    NoStatus(usize),
}

/// What comes instead of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Say {
    Reset,
    Nothing,
    CutHead,
    CutBody,
    CutChunk,
    HalfJson,
    Stall,
    StallInBody,
    Loris,
    Bomb,
    Endless,
    /// Status, further header lines, body.
    Status(u16, &'static str, &'static str),
    Item(Twist),
}

/// What has to come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The run ends by itself and everything holds.
    Holds,
    /// The run ends by itself; the broken one is refused, the rest holds.
    Refused,
    /// The run stops, saying this; a resume makes everything hold.
    Stops(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) effect: Effect,
    pub(super) say: Say,
    pub(super) then: Then,
}

const JSON: &str = "content-type: application/json\r\n";
const PAGE: &str = "content-type: text/html; charset=utf-8\r\n";
const SAID: &str = r#"{"errors":[{"code":"X-1","title":"No"}],"traceId":"t"}"#;
const PORTAL: &str = "<html><body>Please sign in</body></html>";
const OTHERS: &str = r#"{"id":"ffffffffffffffffffffffff","subject":"corp\\x","name":"corp x","assigneeId":"f","autoAssignProfessional":"?"}"#;

/// All that are broken for every endpoint.
pub(super) fn faults() -> Vec<Fault> {
    let mut all = refusals();
    all.extend(broken());
    all.extend(strangers());
    all
}

fn fault(name: &'static str, effect: Effect, say: Say, then: Then) -> Fault {
    Fault {
        name,
        effect,
        say,
        then,
    }
}

fn status(
    name: &'static str,
    effect: Effect,
    status: u16,
    headers: &'static str,
    body: &'static str,
    then: Then,
) -> Fault {
    fault(name, effect, Say::Status(status, headers, body), then)
}

#[rustfmt::skip]
fn refusals() -> Vec<Fault> {
    use Effect::{No, Yes};
    use Then::{Holds, Refused, Stops};
    vec![
        status("429 in seconds", No, 429, "retry-after: 2\r\n", SAID, Holds),
        status("429 as a date", No, 429, "date: Tue, 24 Nov 2026 06:00:00 GMT\r\nretry-after: Tue, 24 Nov 2026 06:00:03 GMT\r\n", SAID, Holds),
        status("429 without a wait", No, 429, JSON, "{}", Holds),
        status("429 of zero", No, 429, "retry-after: 0\r\n", SAID, Holds),
        status("429 of nonsense", No, 429, "retry-after: 1e300\r\n", PORTAL, Holds),
        status("429 for long", No, 429, "retry-after: 310\r\n", SAID, Stops("6 minutes")),
        status("500 before", No, 500, JSON, SAID, Holds),
        status("500 after", Yes, 500, JSON, SAID, Holds),
        status("502 page before", No, 502, PAGE, PORTAL, Holds),
        status("503 page after", Yes, 503, PAGE, PORTAL, Holds),
        status("504 after", Yes, 504, "", "", Holds),
        status("408 before", No, 408, "", "", Holds),
        status("408 after", Yes, 408, "", "", Holds),
        status("409 before", No, 409, JSON, SAID, Holds),
        status("409 after", Yes, 409, JSON, SAID, Holds),
        status("418 before", No, 418, JSON, SAID, Holds),
        status("799 after", Yes, 799, JSON, SAID, Holds),
        status("207 with errors after", Yes, 207, JSON, SAID, Holds),
        status("400", No, 400, JSON, SAID, Refused),
        status("422", No, 422, JSON, SAID, Refused),
        status("413", No, 413, JSON, SAID, Refused),
        status("404", No, 404, JSON, SAID, Refused),
        status("401", No, 401, JSON, SAID, Stops("not accepted any more")),
        status("403", No, 403, JSON, SAID, Stops("may not write this")),
    ]
}

#[rustfmt::skip]
fn broken() -> Vec<Fault> {
    use Effect::{Late, No, Yes};
    use Then::Holds;
    vec![
        fault("reset before", No, Say::Reset, Holds),
        fault("reset after", Yes, Say::Reset, Holds),
        fault("closed before", No, Say::Nothing, Holds),
        fault("closed after", Yes, Say::Nothing, Holds),
        fault("head cut", Yes, Say::CutHead, Holds),
        fault("body cut", Yes, Say::CutBody, Holds),
        fault("chunk cut", Yes, Say::CutChunk, Holds),
        fault("half the JSON", Yes, Say::HalfJson, Holds),
        fault("timeout before", No, Say::Stall, Holds),
        fault("timeout after", Yes, Say::Stall, Holds),
        fault("timeout in the body", Yes, Say::StallInBody, Holds),
        fault("effect after the read-back", Late, Say::Stall, Holds),
        fault("slow loris", Yes, Say::Loris, Holds),
        fault("gzip bomb", Yes, Say::Bomb, Holds),
        fault("ten gigabytes", Yes, Say::Endless, Holds),
        fault("2xx without a body", Yes, Say::Status(299, "", ""), Holds),
    ]
}

#[rustfmt::skip]
fn strangers() -> Vec<Fault> {
    use Effect::{No, Yes};
    let redirect = Then::Stops("the tenant address redirects to http");
    let portal = Then::Stops("sign-in portal");
    vec![
        status("301", No, 301, "location: {other}/x\r\n", "", redirect),
        status("302 to a portal", No, 302, "location: {other}/login\r\n", PORTAL, redirect),
        status("303 after", Yes, 303, "location: {other}/x\r\n", "", redirect),
        status("307", No, 307, "location: {other}/api/v1/users\r\n", "", redirect),
        status("308 after", Yes, 308, "location: {other}/\r\n", "", redirect),
        status("portal", No, 200, PAGE, PORTAL, portal),
        status("portal after", Yes, 200, PAGE, PORTAL, portal),
        status("portal with 404", No, 404, PAGE, PORTAL, portal),
        status("plain text", Yes, 200, "content-type: text/plain\r\n", "ok", portal),
        status("error in a success", No, 200, JSON, SAID, Then::Stops("an error inside")),
        status("somebody else's record", Yes, 201, JSON, OTHERS, Then::Stops("else's")),
    ]
}

/// Those of the 207 calls, once for each place in the batch.
pub(super) fn of_items(place: usize) -> Vec<Fault> {
    use Twist::{Double, Missing, NoStatus, Refuse, Reorder, Strange, Unasked, Words};
    let item = |name, twist, then| fault(name, Effect::Yes, Say::Item(twist), then);
    vec![
        item("an item refused", Refuse(place), Then::Refused),
        item("items in another order", Reorder, Then::Holds),
        item("an item missing", Missing(place), Then::Holds),
        item("an item twice", Double(place), Then::Holds),
        item(
            "an unasked item",
            Unasked(place),
            Then::Stops("not asked for"),
        ),
        item("an item of unknown status", Strange(place), Then::Holds),
        item("statuses in words", Words, Then::Holds),
        item("an item without status", NoStatus(place), Then::Holds),
    ]
}

/// What comes of it at this endpoint, where that is not the same everywhere.
pub(super) fn then(fault: &Fault, at: Endpoint) -> Then {
    let takes = matches!(
        at,
        Endpoint::DeleteUser | Endpoint::RemoveSeat | Endpoint::RemoveRow
    );
    match fault.name {
        // Gone already? It is read, and still there.
        "404" if takes => Then::Holds,
        // No content is what these answer with; whatever else is in the 2xx, it is whole.
        // The licenses name no single record: what is not a list of items is read back.
        "somebody else's record" if at.is_batch() => Then::Holds,
        // The switches have no key of their own.
        "somebody else's record" if at == Endpoint::Switches => Then::Holds,
        _ => fault.then,
    }
}
