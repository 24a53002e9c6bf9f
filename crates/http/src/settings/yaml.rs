//! YAML in which every scalar stays the text that was written.
//!
//! YAML's own rules would turn the password `007` into 7, `1e5` into 100000 and `no` into false. Here, as in the
//! environment, the setting that receives the text decides how it is read.

use config::{Map, Value, ValueKind};
use thiserror::Error;
use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::{Marker, ScanError, TScalarStyle};

/// Why a text is no usable YAML. Repeats nothing of the text but names of keys.
#[derive(Debug, Error)]
pub(super) enum InvalidYaml {
    #[error("line {line}: {info}")]
    Syntax { line: usize, info: String },
    #[error("line {line}: {reason}")]
    Unsupported { line: usize, reason: &'static str },
    #[error("line {line}: the key `{key}` is there twice")]
    DuplicateKey { line: usize, key: String },
}

impl From<ScanError> for InvalidYaml {
    fn from(error: ScanError) -> Self {
        Self::Syntax { line: error.marker().line(), info: error.info().to_owned() }
    }
}

/// How deep settings may be nested.
const DEPTH: usize = 8;

/// Reads one document whose root is a mapping. A plain empty value, `~` and `null` are nothing.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, InvalidYaml> {
    let mut reader = Reader(Parser::new_from_str(text));
    let mut root = Map::new();
    let mut documents = 0;
    loop {
        let (event, mark) = reader.0.next_token()?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            Event::DocumentStart if documents > 0 => {
                return unsupported(mark, "there must be one document only");
            }
            Event::DocumentStart => documents += 1,
            node => match reader.node(node, mark, DEPTH)?.kind {
                ValueKind::Table(table) => root = table,
                ValueKind::Nil => {}
                _ => return unsupported(mark, "the settings must be a mapping, such as `server:`"),
            },
        }
    }
}

fn unsupported<T>(mark: Marker, reason: &'static str) -> Result<T, InvalidYaml> {
    Err(InvalidYaml::Unsupported { line: mark.line(), reason })
}

struct Reader<'a>(Parser<std::str::Chars<'a>>);

impl Reader<'_> {
    /// The node that begins with `event`; `depth` more levels are allowed inside of it.
    fn node(&mut self, event: Event, mark: Marker, depth: usize) -> Result<Value, InvalidYaml> {
        let Some(depth) = depth.checked_sub(1) else { return unsupported(mark, "this is nested too deeply") };
        match event {
            Event::Scalar(text, style, ..) => Ok(scalar(text, style)),
            Event::SequenceStart(..) => self.sequence(depth),
            Event::MappingStart(..) => self.mapping(depth),
            Event::Alias(_) => unsupported(mark, "aliases (`*name`) are not supported"),
            _ => unsupported(mark, "a value is missing"),
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, InvalidYaml> {
        let mut values = Vec::new();
        loop {
            let (event, mark) = self.0.next_token()?;
            if event == Event::SequenceEnd {
                return Ok(values.into());
            }
            values.push(self.node(event, mark, depth)?);
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, InvalidYaml> {
        let mut table: Map<String, Value> = Map::new();
        loop {
            let (event, mark) = self.0.next_token()?;
            let key = match event {
                Event::MappingEnd => return Ok(table.into()),
                Event::Scalar(key, ..) => key,
                _ => return unsupported(mark, "a key must be a plain text"),
            };
            let (event, value_mark) = self.0.next_token()?;
            let value = self.node(event, value_mark, depth)?;
            if table.contains_key(&key) {
                return Err(InvalidYaml::DuplicateKey { line: mark.line(), key });
            }
            table.insert(key, value);
        }
    }
}

fn scalar(text: String, style: TScalarStyle) -> Value {
    let is_nothing = style == TScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null");
    if is_nothing { Value::from(ValueKind::Nil) } else { Value::from(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(yaml: &str, key: &str) -> String {
        read(yaml).unwrap().get(key).unwrap().clone().into_string().unwrap()
    }

    #[test]
    fn scalars_stay_the_text_that_was_written() {
        for written in ["007", "0x10", "1e5", "1.10", "no", "+49", "2024-01-01", "p@ss:w%rd"] {
            assert_eq!(text(&format!("password: {written}"), "password"), written);
            assert_eq!(text(&format!("password: '{written}'"), "password"), written);
        }
        assert_eq!(text(r##"password: "#null\t""##, "password"), "#null\t");
    }

    #[test]
    fn nothing_is_nothing_unless_quoted() {
        for yaml in ["a:", "a: ~", "a: null"] {
            assert_eq!(read(yaml).unwrap()["a"].kind, ValueKind::Nil, "{yaml}");
        }
        assert_eq!(text("a: ''", "a"), "");
        assert!(read("").unwrap().is_empty() && read("# nothing\n---\n").unwrap().is_empty());
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        for yaml in [
            "a: 1\na: 2",
            "a: &x 1\nb: *x",
            "a: 1\n---\nb: 2",
            "- a",
            "just text",
            "a: [",
            "? [a]\n: b",
            "a: b: c",
        ] {
            assert!(read(yaml).is_err(), "{yaml}");
        }
        assert!(read(&format!("a: {}", "[".repeat(10_000))).is_err());
    }

    #[test]
    fn errors_name_the_line_and_repeat_no_value() {
        let error = read("a: 1\nsecret: hunter2: x\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2: ") && !error.contains("hunter2"), "{error}");
    }
}
