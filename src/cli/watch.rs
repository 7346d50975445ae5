//! Noticing that files were saved, by looking at their times twice a second.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Clears a terminal and what was scrolled away.
pub(super) const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

const PAUSE: Duration = Duration::from_millis(500);
/// For so long nothing must change after a change.
const SETTLED: Duration = Duration::from_millis(100);

/// When each file was last written, and how long it is: two saves may fall into one tick of the clock.
pub(super) type Stamps = BTreeMap<PathBuf, (SystemTime, u64)>;

/// The stamps of all TOML and JSON files under some paths, and of the dictionary that a path beside it belongs to.
pub(super) fn stamps(paths: &[PathBuf]) -> Stamps {
    let mut stamps = Stamps::new();
    for path in paths {
        collect(path, 0, &mut stamps);
        for folder in path.ancestors().skip(1).take(2) {
            stamp(&folder.join("facts.toml"), &mut stamps);
        }
    }
    stamps
}

/// Waits until the stamps differ, and no file is still being written.
pub(super) fn changed(paths: &[PathBuf], before: &Stamps) {
    let mut now = stamps(paths);
    while now == *before {
        std::thread::sleep(PAUSE);
        now = stamps(paths);
    }
    // An editor empties a file before it fills it: half of it would be told as mistakes.
    loop {
        std::thread::sleep(SETTLED);
        let later = stamps(paths);
        if later == now {
            break;
        }
        now = later;
    }
}

fn collect(path: &Path, depth: usize, stamps: &mut Stamps) {
    // Deep enough for a clinic's folder; a link in a circle ends here too.
    const DEEPEST: usize = 8;
    if path.is_file() {
        return stamp(path, stamps);
    }
    if depth >= DEEPEST {
        return;
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        let read = path.extension().is_some_and(|extension| extension == "toml" || extension == "json");
        if read || path.is_dir() {
            collect(&path, depth + 1, stamps);
        }
    }
}

fn stamp(path: &Path, stamps: &mut Stamps) {
    if let Ok(about) = path.metadata()
        && let Ok(time) = about.modified()
    {
        stamps.insert(path.to_owned(), (time, about.len()));
    }
}
