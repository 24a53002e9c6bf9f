//! The folders that a bookmark is in.

use super::bookmark::Text;

/// The folders that browsers make themselves, in English and in lower case. Others are known by their attributes.
const BROWSER_FOLDERS: [&str; 14] = [
    "bookmarks",
    "bookmarks bar",
    "bookmarks menu",
    "bookmarks toolbar",
    "favorites",
    "favorites bar",
    "favourites",
    "favourites bar",
    "mobile bookmarks",
    "mobile favorites",
    "other bookmarks",
    "other favorites",
    "synced bookmarks",
    "unsorted",
];

/// The heading of a folder.
#[derive(Debug)]
pub(super) struct Heading {
    name: Text,
    is_browsers: bool,
}

impl Heading {
    /// Cut to this many bytes, it still is longer than a tag can be, and so is not stored under a wrong name.
    const MAX_BYTES: usize = 4096;

    pub(super) fn new(is_browsers: bool) -> Self {
        Self { name: Text::default(), is_browsers }
    }

    pub(super) fn push(&mut self, text: &[u8]) {
        self.name.push(text, Self::MAX_BYTES);
    }

    /// The text of the heading.
    pub(super) fn name(&self) -> String {
        self.name.lossy()
    }
}

/// Where in the tree of folders we are. Only folders that are named take memory.
#[derive(Debug, Default)]
pub(super) struct FolderPath {
    depth: usize,
    /// The named folders that are open, each with its depth and the names from the outermost in, joined with `/`.
    named: Vec<(usize, String)>,
}

impl FolderPath {
    /// Deeper paths are cut here; they still are longer than a tag can be.
    const MAX_NAMED: usize = 256;

    /// Longer ones as well.
    const MAX_BYTES: usize = 4096;

    /// Goes into a list, which is that of the folder if there was a heading before it.
    pub(super) fn enter(&mut self, heading: Option<Heading>) {
        let is_outermost = self.depth <= 1;
        self.depth = self.depth.saturating_add(1);
        let Some(heading) = heading.filter(|_| self.named.len() < Self::MAX_NAMED) else { return };
        let name = heading.name();
        let is_browsers = heading.is_browsers
            || is_outermost && BROWSER_FOLDERS.iter().any(|known| name.eq_ignore_ascii_case(known));
        if !name.is_empty() && !is_browsers {
            let path = match self.path() {
                None => name,
                Some(above) if above.len() >= Self::MAX_BYTES => above.to_owned(),
                Some(above) => format!("{above}/{name}"),
            };
            self.named.push((self.depth, path));
        }
    }

    /// Leaves a list.
    pub(super) fn leave(&mut self) {
        let depth = self.depth;
        self.named.pop_if(|(named, _)| *named == depth);
        self.depth = depth.saturating_sub(1);
    }

    /// Whether a list is open.
    pub(super) fn is_within(&self) -> bool {
        self.depth > 0
    }

    /// The names from the outermost in, joined with `/`; nothing outside of any named folder.
    pub(super) fn path(&self) -> Option<&str> {
        self.named.last().map(|(_, path)| path.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(name: &str) -> Heading {
        let mut heading = Heading::new(false);
        heading.push(name.as_bytes());
        heading
    }

    #[test]
    fn only_outermost_folders_can_be_the_browsers_own() {
        let mut path = FolderPath::default();
        path.enter(None);
        path.enter(Some(heading("Bookmarks Bar")));
        assert_eq!(path.path(), None);
        path.enter(Some(heading("Work")));
        path.enter(Some(heading("Bookmarks")));
        assert_eq!(path.path(), Some("Work/Bookmarks"));
        path.leave();
        path.leave();
        path.enter(Some(Heading::new(true)));
        assert_eq!(path.path(), None);
    }

    #[test]
    fn leaving_more_often_than_entering_does_no_harm() {
        let mut path = FolderPath::default();
        path.leave();
        path.enter(Some(heading("a")));
        path.enter(None);
        path.leave();
        assert_eq!(path.path(), Some("a"));
        path.leave();
        path.leave();
        assert_eq!(path.path(), None);
    }

    #[test]
    fn names_and_depth_are_cut_only_where_no_tag_is_that_long() {
        let mut path = FolderPath::default();
        for _ in 0..10_000 {
            path.enter(Some(heading("a")));
        }
        assert!(path.path().unwrap().len() > 255 && path.named.len() == FolderPath::MAX_NAMED);
        let mut path = FolderPath::default();
        path.enter(Some(heading(&"🍣".repeat(10_000))));
        assert!(path.path().unwrap().chars().count() > 255);
        for _ in 0..100 {
            path.enter(Some(heading(&"a".repeat(4096))));
        }
        assert!(path.path().unwrap().len() < 20_000, "the path of a link is bounded");
    }
}
