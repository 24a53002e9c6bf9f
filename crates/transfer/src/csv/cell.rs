//! What stands in a cell: texts that no spreadsheet takes for a formula, and lists of tags.

/// Marks a cell as text in a spreadsheet.
const MARK: char = '\'';

/// Whether a spreadsheet may take the text for a formula, or skip its first character and then do so: what OWASP
/// lists under "CSV injection".
fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn is_at_risk(text: &str) -> bool {
    starts_formula(text.trim_start_matches(MARK))
}

/// Puts `'` before a text that a spreadsheet could take for a formula, and before one that looks as if that had
/// been done already: so [`unguarded`] gives back every text exactly.
pub(super) fn guarded(text: &str) -> String {
    if is_at_risk(text) { format!("{MARK}{text}") } else { text.to_owned() }
}

/// Takes away what [`guarded`] has put there. Of cells that others wrote, only those change that begin with `'`
/// and then something that starts a formula; others mean the same by it.
pub(super) fn unguarded(text: &str) -> &str {
    match text.strip_prefix(MARK) {
        Some(rest) if is_at_risk(rest) => rest,
        _ => text,
    }
}

/// Splits a list of tags.
///
/// A JSON array of texts (as Instapaper writes it) is read as one. Otherwise tags are separated by `|` (Pocket) if
/// there is any, else by `;` if there is any, else by `,` (Raindrop): the rarer in names decides. White space
/// around a tag and empty tags are dropped.
pub(super) fn split_tags(cell: &str) -> Vec<String> {
    if cell.starts_with('[')
        && let Ok(tags) = serde_json::from_str(cell)
    {
        return tags;
    }
    let separator = ['|', ';'].into_iter().find(|separator| cell.contains(*separator)).unwrap_or(',');
    cell.split(separator).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// Joins tags with `,` where [`split_tags`] gives back the same tags, otherwise as a JSON array.
pub(super) fn join_tags(tags: &[&str]) -> String {
    let plain = tags.join(",");
    if split_tags(&plain) == tags { plain } else { serde_json::json!(tags).to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_starts_a_formula_is_marked_as_text() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("'=1+1", "''=1+1"),
            ("-", "'-"),
            ("\tx", "'\tx"),
            ("＝1", "'＝1"),
            ("'tis", "'tis"),
            ("a=1", "a=1"),
            ("", ""),
        ];
        for (text, cell) in cases {
            assert_eq!(guarded(text), cell);
            assert_eq!(unguarded(cell), text);
        }
    }

    #[test]
    fn the_separator_is_the_rarest_that_is_there() {
        let cases: [(&str, &[&str]); 9] = [
            ("a, b ,c", &["a", "b", "c"]),
            ("a;b, c", &["a", "b, c"]),
            ("a|b;c|d, e", &["a", "b;c", "d, e"]),
            ("machine learning", &["machine learning"]),
            (",, ,", &[]),
            ("", &[]),
            ("[]", &[]),
            (r#"["a,b", " c|d "]"#, &["a,b", " c|d "]),
            ("[draft], b", &["[draft]", "b"]),
        ];
        for (cell, tags) in cases {
            assert_eq!(split_tags(cell), tags, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_guarded_text_is_read_exactly_and_starts_no_formula(text in "['=+@\t\r\n-]{0,3}\\PC{0,8}") {
            let cell = guarded(&text);
            prop_assert!(!starts_formula(&cell));
            prop_assert_eq!(unguarded(&cell), text);
        }

        #[test]
        fn joined_tags_are_split_into_the_same(tags in prop::collection::vec("[,;| \"\\[\\]a]{0,4}|\\PC{0,6}", 0..4)) {
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            prop_assert_eq!(split_tags(&join_tags(&tags)), tags);
        }
    }
}
