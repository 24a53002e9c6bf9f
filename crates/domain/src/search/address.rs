//! The terms of URLs, in links and in queries that are written as URLs.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::Term;
use super::term::{Word, words};
use crate::model::text::strip_prefix_ignoring_case;

/// A text that is written as a URL, taken apart just as far as its terms need.
///
/// It is not resolved as the WHATWG URL Standard says: a query may hold the beginning of a URL only. So default ports
/// and `..` stay as they are written.
struct Address<'a> {
    /// With the port.
    host: &'a str,
    /// Path, query and fragment.
    rest: &'a str,
}

impl<'a> Address<'a> {
    /// Reads a text that begins with `http://`, `https://` or `www.`.
    fn read(text: &'a str) -> Option<Self> {
        let without_scheme =
            ["https://", "http://"].iter().find_map(|scheme| strip_prefix_ignoring_case(text, scheme));
        let text = without_scheme.or_else(|| strip_prefix_ignoring_case(text, "www.").map(|_| text))?;
        let (authority, rest) = text.split_at(text.find(['/', '\\', '?', '#']).unwrap_or(text.len()));
        // A password is not to be found.
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        Some(Self { host, rest })
    }

    /// The words of this address if its host were `host`.
    fn words_at(&self, host: &str) -> Vec<Word> {
        let host = strip_prefix_ignoring_case(host, "www.").filter(|rest| !rest.is_empty()).unwrap_or(host);
        let [host, rest] = [host, self.rest].map(|part| percent_decode_str(part).decode_utf8_lossy());
        words(&format!("{host} {rest}"))
    }
}

/// The words of a text that a client looks for or that is a URL. What is written as a URL has the same words either way.
pub(super) fn sent_words(text: &str) -> Vec<Word> {
    let address = Address::read(text).map(|address| address.words_at(address.host));
    address.filter(|words| !words.is_empty()).unwrap_or_else(|| words(text))
}

/// The terms of a link's URL: host, port, path, query and fragment, percent-decoded as far as they are UTF-8. Scheme,
/// user, password and a leading `www` are no terms, unless there is nothing else.
///
/// A URL with an internationalised host is searched by each form of it: as it was sent, in Unicode and in Punycode.
pub(super) fn url_terms(text: &str, url: Option<&Url>) -> Vec<Vec<Term>> {
    let terms = |words: Vec<Word>| words.into_iter().flat_map(Word::into_terms).collect();
    let mut fields: Vec<Vec<Term>> = vec![terms(sent_words(text))];
    let Some(address) = Address::read(text) else { return fields };
    for host in url.and_then(international_forms).into_iter().flatten() {
        let port = address.host.rsplit_once(':').map_or("", |(_, port)| port);
        let field = terms(address.words_at(&format!("{host}:{port}")));
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// The host in Punycode and in Unicode, if that is not the same.
fn international_forms(url: &Url) -> Option<[String; 2]> {
    let Some(Host::Domain(ascii)) = url.host().filter(|_| url.as_str().contains("xn--")) else { return None };
    let (unicode, _) = idna::domain_to_unicode(ascii);
    (unicode != ascii).then(|| [ascii.to_owned(), unicode])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(terms: &[Term]) -> String {
        terms.iter().map(Term::as_str).collect::<Vec<_>>().join(" ")
    }

    fn fields(url: &str) -> Vec<String> {
        url_terms(url, Url::parse(url).ok().as_ref()).iter().map(|terms| joined(terms)).collect()
    }

    #[test]
    fn scheme_credentials_and_www_are_no_terms() {
        assert_eq!(fields("https://www.Example.com/foo-bar?a=b#c"), ["example com foo bar a b c"]);
        assert_eq!(fields("HTTP://user:secret@WWW.example.com:8080"), ["example com 8080"]);
        assert_eq!(fields("http://example.com/@www.x"), ["example com www x"]);
        assert_eq!(fields("http://www.com"), ["com"]);
        assert_eq!(fields("http://www./"), ["www"]);
        assert_eq!(fields("http://-/"), ["http"]);
    }

    #[test]
    fn parts_are_decoded_where_they_are_utf_8() {
        assert_eq!(
            fields("http://e/caf%C3%A9%20au+lait/caf%E9s?q=%F0%9F%8D%A3x"),
            ["e café au lait caf s q x"]
        );
    }

    #[test]
    fn an_international_host_is_searched_in_each_form() {
        let forms = ["bücher example 80 a", "xn bcher kva example 80 a"];
        assert_eq!(fields("http://Bücher.example:80/a"), forms);
        assert_eq!(fields("http://b%C3%BCcher.example:80/a"), forms);
        assert_eq!(fields("http://www.xn--bcher-kva.example:80/a"), [forms[1], forms[0]]);
        assert_eq!(fields("http://[::1]:80/a"), ["1 80 a"]);
    }

    #[test]
    fn a_query_that_is_a_url_has_the_terms_of_the_link() {
        let cases = [
            ("https://www.example.com/caf%C3%A9", "example com café"),
            ("www.example.com", "example com"),
            ("example.com", "example com"),
            ("caf%C3%A9", "caf c3 a9"),
            ("https://", "https"),
            ("https://www.", "www"),
            ("www.", "www"),
            ("www", "www"),
        ];
        for (text, expected) in cases {
            let terms: Vec<Term> = sent_words(text).into_iter().flat_map(Word::into_terms).collect();
            assert_eq!(joined(&terms), expected, "{text}");
        }
    }
}
