//! Patterns in which `*` stands for any characters.

/// Whether `name` fits `pattern`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_characters() {
        assert!(matches("cre-*", "cre-duisburg") && matches("*", "") && matches("a*c*e", "abcde"));
        assert!(matches("exact", "exact") && !matches("exact", "exactly") && !matches("cre-*", "xcre-1"));
        assert!(!matches("ab*ba", "aba"));
    }
}
