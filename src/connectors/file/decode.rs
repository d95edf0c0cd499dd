//! Bytes to text. A byte order mark decides; else UTF-8, else Windows-1252, and that is said,
//! because a wrong guess would put wrong names into a tenant.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

use super::faults::{Faults, Place};

/// The text of a file and what had to be assumed to get it.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) notice: Option<String>,
}

/// Decodes a whole file.
pub(super) fn decode<'a>(bytes: &'a [u8], faults: &mut Faults) -> Decoded<'a> {
    let decoded = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => marked(encoding, bytes.get(length..).unwrap_or(&[]), faults),
        None => unmarked(bytes, faults),
    };
    if let Some(byte) = decoded.text.find('\0') {
        faults.add(
            Place::of_byte(&decoded.text, byte),
            "a NUL character (a UTF-16 file must begin with its byte order mark)",
        );
    }
    decoded
}

fn marked<'a>(encoding: &'static Encoding, bytes: &'a [u8], faults: &mut Faults) -> Decoded<'a> {
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    if broken {
        let byte = text.find('\u{fffd}').unwrap_or(0);
        faults.add(
            Place::of_byte(&text, byte),
            format!("these bytes are not {}", encoding.name()),
        );
    }
    let notice = (encoding != UTF_8).then(|| format!("read as {}", encoding.name()));
    Decoded { text, notice }
}

fn unmarked<'a>(bytes: &'a [u8], faults: &mut Faults) -> Decoded<'a> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => {
            return Decoded {
                text: Cow::Borrowed(text),
                notice: None,
            };
        }
        Err(error) => error,
    };
    let valid = bytes.get(..error.valid_up_to()).unwrap_or(&[]);
    // A lone bad byte after good UTF-8 is damage, not another encoding.
    if !valid.is_ascii() || error.error_len().is_none() {
        let text = String::from_utf8_lossy(bytes);
        faults.add(
            Place::of_byte(&text, error.valid_up_to()),
            match error.error_len() {
                Some(_) => "these bytes are not UTF-8, though the text before them is",
                None => "the file ends inside a character: it is cut off",
            },
        );
        return Decoded { text, notice: None };
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    Decoded {
        text,
        notice: Some("the file is not UTF-8 and was read as Windows-1252".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> (String, Option<String>) {
        let mut faults = Faults::default();
        let decoded = decode(bytes, &mut faults);
        let pair = (decoded.text.into_owned(), decoded.notice);
        faults.or("f", pair).unwrap()
    }

    #[test]
    fn marks_decide_and_a_guess_is_said() {
        assert_eq!(text_of(b"\xef\xbb\xbfid"), ("id".into(), None));
        let (text, notice) = text_of(b"\xff\xfei\0d\0\xe4\0");
        assert_eq!(
            (text.as_str(), notice.as_deref()),
            ("idä", Some("read as UTF-16LE"))
        );
        let (text, notice) = text_of(b"J\xfcrgen");
        assert_eq!(text, "Jürgen");
        assert!(notice.unwrap().contains("Windows-1252"));
    }

    #[test]
    fn damage_is_named_by_place() {
        for (bytes, said) in [
            (&b"id\na\0b"[..], "line 2, column 2: a NUL"),
            (
                b"\xc3\xa4\n\xc3\xa4 \xff x",
                "line 2, column 3: these bytes are not UTF-8",
            ),
            (
                b"id\nabc\xc3",
                "line 2, column 4: the file ends inside a character",
            ),
            (
                b"\xff\xfea\0\x00\xd8b\0",
                "line 1, column 2: these bytes are not UTF-16LE",
            ),
        ] {
            let mut faults = Faults::default();
            decode(bytes, &mut faults);
            let text = faults.or("f", ()).unwrap_err().text().to_owned();
            assert!(text.contains(said), "{text} should say {said}");
        }
    }
}
