//! A plain list: one URL a line. Blank lines and those that begin with `#` are skipped (`text/uri-list`, RFC 2483).

use std::io::{BufRead, Read};

use crate::reader::{Sink, push};
use crate::{ImportedLink, ReadError, ReadOptions, Row, RowProblem};

/// Reads a plain list. Any text is one: what is no URL is found out when the link is stored.
pub(crate) fn read(
    mut text: impl BufRead,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), ReadError> {
    let limit = u64::try_from(options.max_row_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let (mut line, mut has_comma) = (Vec::new(), false);
    for place in 1.. {
        line.clear();
        if text.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_whole = line.pop_if(|byte| *byte == b'\n').is_some();
        if !is_whole && line.len() > options.max_row_bytes {
            text.skip_until(b'\n')?;
            if !line.trim_ascii_start().starts_with(b"#") {
                push(Row::Skipped(RowProblem::too_long(place, options.max_row_bytes)), sink)?;
            }
            continue;
        }
        let url = match str::from_utf8(&line).map(str::trim) {
            Ok(url) if url.is_empty() || url.starts_with('#') => continue,
            Ok(url) => url,
            Err(_) => {
                push(Row::Skipped(RowProblem::wrong_charset(place, "the line")), sink)?;
                continue;
            }
        };
        if url.contains(char::is_whitespace) {
            let message = "a line holds one URL and nothing else; a URL has no blanks";
            push(Row::Skipped(RowProblem::new(place, message)), sink)?;
            continue;
        }
        if url.contains([',', ';']) && !has_comma {
            has_comma = true;
            let message = "the whole line is taken for the URL, with its comma or semicolon; \
                if this file is a table, its first line must name the columns";
            push(Row::Note(RowProblem::new(place, message)), sink)?;
        }
        push(Row::Link(ImportedLink { place, url: url.to_owned(), ..Default::default() }), sink)?;
    }
    Ok(())
}
