//! Keys as text: `x<enter><space>p` and what a terminal sends for them.

/// Keys that somebody may type without a pause.
const PIECE: usize = 16;

/// What a terminal sends for the keys, in pieces that are still typing.
pub(crate) fn pieces_of(keys: &str) -> Vec<Vec<u8>> {
    let keys = codes_of(keys);
    keys.chunks(PIECE).map(<[_]>::concat).collect()
}

/// What a terminal sends for each of the keys.
fn codes_of(keys: &str) -> Vec<Vec<u8>> {
    let mut codes = Vec::new();
    let mut rest = keys;
    while let Some(character) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
        if let Some((code, tail)) = named.and_then(|(name, tail)| Some((code(name)?, tail))) {
            codes.push(code);
            rest = tail;
        } else {
            codes.push(character.to_string().into_bytes());
            rest = &rest[character.len_utf8()..];
        }
    }
    codes
}

fn code(name: &str) -> Option<Vec<u8>> {
    let fixed: &[u8] = match name {
        "enter" => b"\r",
        "esc" => b"\x1b",
        "tab" => b"\t",
        "s-tab" => b"\x1b[Z",
        "space" => b" ",
        "backspace" => b"\x7f",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "right" => b"\x1b[C",
        "left" => b"\x1b[D",
        "pgup" => b"\x1b[5~",
        "pgdn" => b"\x1b[6~",
        "home" => b"\x1b[H",
        "end" => b"\x1b[F",
        "paste" => b"\x1b[200~",
        "/paste" => b"\x1b[201~",
        _ => {
            let letter = name.strip_prefix("c-")?.bytes().next()?;
            return Some(vec![letter & 0x1f]);
        }
    };
    Some(fixed.to_vec())
}

#[test]
fn names_become_what_a_terminal_sends() {
    let typed = pieces_of("a<enter><c-c><nothing>");
    assert_eq!(typed, [b"a\r\x03<nothing>"]);
    assert_eq!(pieces_of(&"<down>".repeat(17)).len(), 2);
}
