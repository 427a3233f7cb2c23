//! Texts in UTF-8, and what a file in another encoding most probably is.

/// The mark with which some programs begin a text in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes from here on stand in pairs for the common Chinese characters of GBK.
const GBK_FROM: u8 = 0xa1;

/// Why bytes are no text in UTF-8.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotUtf8 {
    /// The line, from 1, in which the first wrong byte stands.
    pub line: usize,
    /// What the file most probably is.
    pub guess: &'static str,
}

/// The text that `bytes` are in UTF-8, without the mark that may stand before it.
///
/// # Errors
/// When they are no such text; what they look like instead.
pub fn decode(bytes: &[u8]) -> Result<&str, NotUtf8> {
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes);
    // Text in UTF-16 may be valid UTF-8 by chance: every other byte of its Latin letters is zero.
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(NotUtf8 {
            line: line(bytes, at),
            guess: if is_utf16(bytes) { "UTF-16" } else { "no text at all" },
        });
    }
    std::str::from_utf8(text).map_err(|error| NotUtf8 {
        line: line(text, error.valid_up_to()),
        guess: guess(bytes),
    })
}

fn line(bytes: &[u8], at: usize) -> usize {
    bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

fn guess(bytes: &[u8]) -> &'static str {
    if is_utf16(bytes) {
        "UTF-16"
    } else if is_gbk(bytes) {
        "GBK, the encoding of Chinese Windows"
    } else {
        "an encoding of Western Windows, such as Windows-1252"
    }
}

/// Whether the text begins with a mark of UTF-16, or looks like Latin letters in it.
fn is_utf16(bytes: &[u8]) -> bool {
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    bytes.len().is_multiple_of(2) && (marked || zeros * 3 > bytes.len())
}

/// Whether all bytes that are not ASCII stand in pairs, as those of GBK do.
fn is_gbk(bytes: &[u8]) -> bool {
    bytes
        .split(u8::is_ascii)
        .all(|run| run.len() % 2 == 0 && run.iter().all(|byte| *byte >= GBK_FROM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(bytes: &[u8]) -> (usize, &'static str) {
        let error = decode(bytes).unwrap_err();
        (error.line, error.guess)
    }

    #[test]
    fn utf8_is_read_with_and_without_its_mark() {
        assert_eq!(decode("id,长沙\n".as_bytes()), Ok("id,长沙\n"));
        assert_eq!(decode("\u{feff}id,长沙\n".as_bytes()), Ok("id,长沙\n"));
        assert_eq!(decode(b""), Ok(""));
    }

    #[test]
    fn other_encodings_are_guessed_with_the_line() {
        let utf16: Vec<u8> = "id,name\na,b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(guessed(&utf16).1, "UTF-16");
        assert_eq!(guessed(&[b"\xff\xfe".as_slice(), &utf16].concat()).1, "UTF-16");
        let (line, guess) = guessed(b"id,name\na,b\nb,\xb3\xa4\xc9\xb3\n");
        assert!(line == 3 && guess.starts_with("GBK"), "{line} {guess}");
        let (line, guess) = guessed(b"id,name\na,L\xfcbeck\n");
        assert!(line == 2 && guess.contains("Windows-1252"), "{line} {guess}");
        assert_eq!(guessed(b"PK\x03\x04\x00\x00odd").1, "no text at all");
    }
}
