//! Character references.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Decodes the references that end with `;`, and no others: browsers write the `&` of a URL as it is, so that
/// `?a&copy=1` is no `?a©=1`, and exporters that escape always write the `;`.
pub(super) fn decoded(text: &str) -> String {
    /// The longest name has 32 letters.
    const LONGEST: usize = 40;
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
        let length = after.bytes().take(LONGEST).take_while(|byte| is_name(byte)).count();
        let name = after.get(..length).filter(|_| after.as_bytes().get(length) == Some(&b';'));
        let character = name.and_then(character);
        rest = match &character {
            Some(_) => after.get(length + 1..).unwrap_or_default(),
            None => after,
        };
        decoded.push_str(character.as_deref().unwrap_or("&"));
    }
    decoded + rest
}

/// What a reference stands for, if it is one as a whole.
fn character(name: &str) -> Option<String> {
    let mut text = Vec::new();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        if let CallbackEvent::String { value } = event {
            text.extend_from_slice(value);
        }
        None::<Infallible>
    });
    let Ok(()) = Tokenizer::new_with_emitter(format!("&{name};").as_str(), emitter).finish();
    let text = String::from_utf8(text).ok()?;
    // Of a name that is not known, the standard decodes the beginning.
    (text.chars().count() <= 2 && (text == ";" || !text.ends_with(';'))).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_with_a_semicolon_are_decoded() {
        for (text, expected) in [
            ("&amp;&lt;&gt;&quot;&#39;&#x41;&eacute;", "&<>\"'Aé"),
            ("?a&reg_id=4&para-x=5&copy=6&copy", "?a&reg_id=4&para-x=5&copy=6&copy"),
            ("a & b && c; &", "a & b && c; &"),
            ("&notit;&unknown;&;&#;&#x;", "&notit;&unknown;&;&#;&#x;"),
            ("&semi;&#59;&amp;amp;", ";;&amp;"),
            ("&#13;&#0;&#x110000;", "\r\u{fffd}\u{fffd}"),
            ("&NotEqualTilde;&AMP;&lang=de;", "≂̸&&lang=de;"),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }
}
