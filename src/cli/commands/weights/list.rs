//! `puppyslug weights list`: all names that `--weights` takes.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::terminal::in_one_line;
use crate::cli::terminal::print;
use crate::files::bytes::ByteSize;
use crate::net::Weights;
use crate::store::{EMBEDDED, Store};

pub(crate) fn run() -> Result<(), Failure> {
    let store = Store::of_user()?;
    let names = store.names();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(EMBEDDED.len());
    let mut table = format!("{:<longest$}  {:<21} {:>7} {:>9}  path\n", "name", "network", "classes", "size");
    let embedded = Weights::embedded();
    row(
        &mut table,
        longest,
        EMBEDDED,
        &embedded,
        Weights::embedded_bytes().len() as u64,
        "(inside the program)",
    )?;
    for name in &names {
        let path = store.path(name)?;
        let shown = path.display().to_string();
        match (Weights::open(&path), size(&path)) {
            (Ok(weights), Some(size)) => row(&mut table, longest, name, &weights, size, &shown)?,
            (Err(error), _) => {
                writeln!(table, "{name:<longest$}  unusable: {}", in_one_line(&error.to_string()))?;
            }
            // The file was removed in the meantime.
            (Ok(_), None) => {}
        }
    }
    print(&table)
}

fn size(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|metadata| metadata.len())
}

fn row(
    table: &mut String,
    longest: usize,
    name: &str,
    weights: &Weights,
    size: u64,
    path: &str,
) -> std::fmt::Result {
    let classes = weights.classes().map_or("-".to_owned(), |classes| classes.to_string());
    let size = ByteSize(size).to_string();
    writeln!(table, "{name:<longest$}  {:<21} {classes:>7} {size:>9}  {path}", weights.variant().name())
}
