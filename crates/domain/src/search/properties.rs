//! Properties of all queries.

use proptest::prelude::*;

use super::{Condition, Document, SearchQuery, matches, terms};
use crate::model::Timestamp;

/// Texts that are near to queries.
fn near_queries() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(" ".to_owned()),
        Just("-".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        "(tag|Site|before|after|is|foo):",
        "\"[a-z ]{0,5}\" ",
        "tag:\\PC{1,4}(/\\*)? ",
        "site:[a-zß.*/:]{1,5} ",
        "(before|after):[0-9]{4}(-[01][0-9](-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?Z)?)?)? ",
        "is:untagged ",
        "(https?://|www\\.)[a-z./%0-9]{0,9} ",
        "[日本カタひ한a-zéΣς1\u{301}ﷺ]{1,9}",
        "[.(]?[a-c&]{1,4}[+#]{0,2}[ .,1]",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![1 => any::<String>(), 4 => near_queries()]
}

proptest! {
    #[test]
    fn an_error_points_inside_the_text(text in any_text()) {
        if let Err(error) = SearchQuery::parse(&text) {
            prop_assert!(error.at < text.chars().count(), "{}", error);
        }
    }

    #[test]
    fn a_condition_and_its_negation_part_all_links(text in near_queries(), title in "[a-d ]{0,9}", micros in any::<u32>()) {
        let tags = ["a", "dev/b"];
        let created_at = Timestamp::from_micros(i64::from(micros) * 1_000_000).unwrap();
        let document = Document { url: "https://a.b/c", title: Some(&title), notes: None, created_at, tags: &tags };
        for condition in SearchQuery::parse(&text).iter().flat_map(SearchQuery::conditions) {
            let [plain, negated] = [false, true].map(|negated| {
                let condition = Condition { negated, kind: condition.kind.clone() };
                matches(&SearchQuery::of(vec![condition]), &document)
            });
            prop_assert!(plain != negated, "{:?}", condition);
        }
    }

    #[test]
    fn a_link_is_found_by_every_beginning_of_its_words(text in any::<String>(), field in 0..3, shown in any::<usize>()) {
        let created_at = Timestamp::from_micros(0).unwrap();
        let of = |wanted| (field == wanted).then_some(text.as_str());
        let tags: Vec<&str> = of(2).into_iter().collect();
        let document = Document { url: "https://a.b/", title: of(0), notes: of(1), created_at, tags: &tags };
        for term in terms(&text) {
            let chars = 1 + shown % term.as_str().chars().count();
            let begun: String = term.as_str().chars().take(chars).collect();
            prop_assert!(begun == "." || matches(&SearchQuery::parse(&begun).unwrap(), &document), "{}", begun);
            prop_assert!(matches(&SearchQuery::parse(&format!("\"{term}\"")).unwrap(), &document), "{}", term);
        }
    }
}
