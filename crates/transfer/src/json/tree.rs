//! The folders of a file, whose names may come after what is in them; links are held back until all are known.

use crate::record::{Record, folder_tag};
use crate::{Convert, ReadOptions};

#[derive(Debug, Default)]
struct Folder {
    parent: usize,
    /// Nothing if the program itself has made it.
    name: Option<String>,
}

/// The folders and the links in them.
#[derive(Debug)]
pub(super) struct Tree {
    folders: Vec<Folder>,
    links: Vec<(usize, Record)>,
}

/// The folder that is in no other.
pub(super) const ROOT: usize = 0;

impl Tree {
    /// Names longer than a tag can be are cut, but not so far that they could be one.
    const MAX_CHARS: usize = 300;

    pub(super) fn new() -> Self {
        Self { folders: vec![Folder::default()], links: Vec::new() }
    }

    pub(super) fn enter(&mut self, parent: usize) -> usize {
        self.folders.push(Folder { parent, name: None });
        self.folders.len() - 1
    }

    pub(super) fn name(&mut self, folder: usize, name: &str) {
        if let Some(folder) = self.folders.get_mut(folder) {
            folder.name = Some(name.chars().take(Self::MAX_CHARS).collect());
        }
    }

    pub(super) fn hold(&mut self, folder: usize, link: Record) {
        self.links.push((folder, link));
    }

    /// How much is held back.
    pub(super) fn len(&self) -> usize {
        self.links.len().max(self.folders.len())
    }

    /// The links, with the tags of their folders.
    pub(super) fn into_links(mut self, options: &ReadOptions) -> impl Iterator<Item = Record> {
        let links = std::mem::take(&mut self.links);
        let to_tags = options.folders == Convert::ToTags;
        links.into_iter().map(move |(folder, mut link)| {
            self.path(folder).filter(|_| to_tags).into_iter().for_each(|tag| link.tag(tag));
            link
        })
    }

    fn path(&self, mut folder: usize) -> Option<String> {
        let mut names = Vec::new();
        while folder != ROOT {
            let Folder { parent, name } = self.folders.get(folder)?;
            names.extend(name.as_deref());
            folder = *parent;
        }
        folder_tag(names.into_iter().rev())
    }
}
