//! The pages walked so far: back and forward keep every page as it was left.

use super::{AlertsPage, Page, PageId};

/// Pages in the order they were opened, and the one shown. There is always one.
#[derive(Debug)]
pub struct Walk {
    pages: Vec<(PageId, Page)>,
    at: usize,
    root: (PageId, Page),
}

impl Default for Walk {
    fn default() -> Self {
        Walk {
            pages: Vec::new(),
            at: 0,
            root: (PageId(0), Page::Alerts(AlertsPage::default())),
        }
    }
}

impl Walk {
    /// The page shown.
    pub fn here(&self) -> &Page {
        &self.entry().1
    }

    /// Its number.
    pub fn id(&self) -> PageId {
        self.entry().0
    }

    fn entry(&self) -> &(PageId, Page) {
        self.at
            .checked_sub(1)
            .and_then(|place| self.pages.get(place))
            .unwrap_or(&self.root)
    }

    /// The page shown, to change.
    pub fn here_mut(&mut self) -> &mut Page {
        match self.at.checked_sub(1) {
            Some(place) if place < self.pages.len() => match self.pages.get_mut(place) {
                Some((_, page)) => page,
                None => &mut self.root.1,
            },
            _ => &mut self.root.1,
        }
    }

    /// A page by its number, wherever it lies.
    pub fn find_mut(&mut self, id: PageId) -> Option<&mut Page> {
        std::iter::once(&mut self.root)
            .chain(&mut self.pages)
            .find(|(known, _)| *known == id)
            .map(|(_, page)| page)
    }

    /// Every page, the one shown and those walked last first.
    pub fn all(&self) -> impl Iterator<Item = &Page> {
        let walked = self.pages.iter().rev().map(|(_, page)| page);
        std::iter::once(self.here()).chain(walked)
    }

    /// Every page, to change.
    pub fn all_mut(&mut self) -> impl Iterator<Item = (PageId, &mut Page)> {
        std::iter::once(&mut self.root)
            .chain(&mut self.pages)
            .map(|(id, page)| (*id, page))
    }

    /// Opens a page after this one; what lay forward is left behind.
    pub fn push(&mut self, id: PageId, page: Page) {
        self.pages.truncate(self.at);
        self.pages.push((id, page));
        self.at = self.pages.len();
    }

    /// One page back; whether there was one.
    pub fn back(&mut self) -> bool {
        let can = self.at > 0;
        self.at = self.at.saturating_sub(1);
        can
    }

    /// One page forward; whether there was one.
    pub fn forward(&mut self) -> bool {
        let can = self.at < self.pages.len();
        self.at = (self.at + 1).min(self.pages.len());
        can
    }

    /// Back to the first page.
    pub fn to_root(&mut self) {
        self.at = 0;
    }

    /// Whether there is a page before this one.
    pub fn can_back(&self) -> bool {
        self.at > 0
    }

    /// Whether there is a page after this one.
    pub fn can_forward(&self) -> bool {
        self.at < self.pages.len()
    }

    /// The pages from the first to the one shown, for breadcrumbs, and how many lie forward.
    pub fn crumbs(&self) -> (impl Iterator<Item = &Page>, usize) {
        let walked = self.pages.iter().take(self.at).map(|(_, page)| page);
        (
            std::iter::once(&self.root.1).chain(walked),
            self.pages.len() - self.at,
        )
    }

    /// The pages after the first, and how many of them lie behind, the one shown included.
    pub fn walked(&self) -> (impl Iterator<Item = &Page>, usize) {
        (self.pages.iter().map(|(_, page)| page), self.at)
    }

    /// Puts pages in place of those after the first; so many of them lie behind.
    pub fn restore(&mut self, pages: Vec<(PageId, Page)>, at: usize) {
        self.at = at.min(pages.len());
        self.pages = pages;
    }

    /// The first page: the list of alerts.
    pub fn alerts(&self) -> Option<&AlertsPage> {
        match &self.root.1 {
            Page::Alerts(page) => Some(page),
            _ => None,
        }
    }

    /// The first page, to change.
    pub fn alerts_mut(&mut self) -> Option<&mut AlertsPage> {
        match &mut self.root.1 {
            Page::Alerts(page) => Some(page),
            _ => None,
        }
    }
}
