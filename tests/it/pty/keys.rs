//! Keys as text: `x<enter><space>p` and what a terminal sends for them.

/// What a terminal sends for the keys.
pub(crate) fn bytes_of(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some(character) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
        if let Some((code, tail)) = named.and_then(|(name, tail)| Some((code(name)?, tail))) {
            bytes.extend(code);
            rest = tail;
        } else {
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            rest = &rest[character.len_utf8()..];
        }
    }
    bytes
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
    assert_eq!(bytes_of("a<enter><c-c><nothing>"), b"a\r\x03<nothing>");
}
