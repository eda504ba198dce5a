//! Pieces that views are made of: safe text, columns, scrolling documents, frames.

mod canvas;
pub mod columns;
pub mod document;
mod piece;
pub mod strip;

pub use canvas::{Canvas, cut_top, split_bottom};
pub use piece::{Piece, cut, wrap};
