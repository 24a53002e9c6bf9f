//! From the storage to a file, page by page: what is in memory is one page of links, and the ids of the tags.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use futures_util::Stream;
use futures_util::stream::try_unfold;
use taglink_domain::model::{Tag, TagId, TagPosition};
use taglink_domain::port::{RepositoryError, Store};
use taglink_domain::search::LinkPlace;
use taglink_domain::use_case::export::{self, LinkSource, TaggedLink};
use taglink_transfer::{ExportFormat, ExportedLink, ExportedTag, ExportedTagging, Writer};

/// A file on its way out.
pub(crate) struct Export {
    store: Arc<dyn Store>,
    source: Arc<LinkSource>,
    format: ExportFormat,
    writer: Writer,
    next: Step,
    /// The tags that were written, by which links may name them.
    tags: HashSet<TagId>,
    links: u64,
}

/// What is to be written next.
enum Step {
    Head,
    /// All tags of the account behind a position.
    Tags(Option<TagPosition>),
    /// The tags of the links behind a place.
    TagsOfLinks(Option<LinkPlace>),
    /// The links behind a place.
    Links(Option<LinkPlace>),
    Tail,
    Nothing,
}

impl Export {
    pub(crate) fn new(store: Arc<dyn Store>, source: LinkSource, format: ExportFormat) -> Self {
        Self {
            store,
            source: Arc::new(source),
            format,
            writer: Writer::new(format),
            next: Step::Head,
            tags: HashSet::new(),
            links: 0,
        }
    }

    /// How many links were written.
    pub(crate) fn links(&self) -> u64 {
        self.links
    }

    /// The pieces of the file, each read from the storage when it is asked for.
    pub(crate) fn into_stream(self) -> impl Stream<Item = Result<Vec<u8>, RepositoryError>> {
        try_unfold(
            self,
            |mut export| async move { Ok(export.next_piece().await?.map(|piece| (piece, export))) },
        )
    }

    /// The next piece of the file, which may be empty; nothing after the last one.
    ///
    /// # Errors
    /// Those of the storage. The file is incomplete then.
    pub(crate) async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, RepositoryError> {
        let mut piece = Vec::new();
        self.next = match std::mem::replace(&mut self.next, Step::Nothing) {
            Step::Head => {
                self.writer.head(&mut piece).map_err(unwritten)?;
                // Only our own format has tags of their own.
                match (self.format, self.source.is_everything()) {
                    (ExportFormat::Json, true) => Step::Tags(None),
                    (ExportFormat::Json, false) => Step::TagsOfLinks(None),
                    (ExportFormat::Html | ExportFormat::Csv, _) => Step::Links(None),
                }
            }
            Step::Tags(after) => self.write_tags(after, &mut piece).await?,
            Step::TagsOfLinks(after) => self.write_tags_of_links(after, &mut piece).await?,
            Step::Links(after) => self.write_links(after, &mut piece).await?,
            Step::Tail => {
                self.writer.tail(&mut piece).map_err(unwritten)?;
                Step::Nothing
            }
            Step::Nothing => return Ok(None),
        };
        Ok(Some(piece))
    }

    async fn write_tags(
        &mut self,
        after: Option<TagPosition>,
        out: &mut Vec<u8>,
    ) -> Result<Step, RepositoryError> {
        let account = self.source.account;
        let page = self.store.read(move |uow| export::tags(uow, account, after)).await?;
        let last = page.items.last().filter(|_| page.has_more).map(TagPosition::from);
        for tag in &page.items {
            self.write_tag(tag, out)?;
        }
        Ok(last.map_or(Step::Links(None), |last| Step::Tags(Some(last))))
    }

    async fn write_tags_of_links(
        &mut self,
        after: Option<LinkPlace>,
        out: &mut Vec<u8>,
    ) -> Result<Step, RepositoryError> {
        let (links, next) = self.page(after).await?;
        for (tag, _) in links.iter().flat_map(|link| &link.tags) {
            self.write_tag(tag, out)?;
        }
        Ok(next.map_or(Step::Links(None), |next| Step::TagsOfLinks(Some(next))))
    }

    fn write_tag(&mut self, tag: &Tag, out: &mut Vec<u8>) -> Result<(), RepositoryError> {
        if !self.tags.insert(tag.id) {
            return Ok(());
        }
        let tag = ExportedTag {
            tag_id: tag.id,
            tag: tag.name.clone(),
            created_at: tag.created_at,
            updated_at: tag.updated_at,
        };
        self.writer.tag(&tag, out).map_err(unwritten)
    }

    async fn write_links(
        &mut self,
        after: Option<LinkPlace>,
        out: &mut Vec<u8>,
    ) -> Result<Step, RepositoryError> {
        let (links, next) = self.page(after).await?;
        for link in links {
            let link = self.exported(link);
            self.writer.link(&link, out).map_err(unwritten)?;
            self.links += 1;
        }
        Ok(next.map_or(Step::Tail, |next| Step::Links(Some(next))))
    }

    async fn page(
        &self,
        after: Option<LinkPlace>,
    ) -> Result<(Vec<TaggedLink>, Option<LinkPlace>), RepositoryError> {
        let source = Arc::clone(&self.source);
        self.store.read_snapshot(move |uow| export::tagged_links(uow, source.as_ref(), after.as_ref())).await
    }

    fn exported(&self, TaggedLink { link, tags }: TaggedLink) -> ExportedLink {
        // A tag that has come since the tags were written cannot be named any more.
        let is_known = |tag: &Tag| self.format != ExportFormat::Json || self.tags.contains(&tag.id);
        let tags = tags.into_iter().filter(|(tag, _)| is_known(tag));
        let tags =
            tags.map(|(tag, created_at)| ExportedTagging { tag_id: tag.id, tag: tag.name, created_at });
        ExportedLink {
            link_id: link.id,
            url: link.url,
            title: link.title,
            notes: link.notes,
            created_at: link.created_at,
            updated_at: link.updated_at,
            tags: tags.collect(),
        }
    }
}

/// Writing into memory cannot fail.
#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn unwritten(error: io::Error) -> RepositoryError {
    RepositoryError::Internal(error.to_string())
}
