//! Build script: lists the files of `rules/` for inclusion in the program.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    collect(&root.join("rules"), &mut files)?;
    let mut names: Vec<(String, PathBuf)> = files
        .into_iter()
        .filter_map(|path| {
            Some((
                path.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/"),
                path,
            ))
        })
        .collect();
    names.sort();
    let mut code = String::from(
        "/// Name and text of each embedded file, sorted by name.\nstatic FILES: &[(&str, &str)] = &[\n",
    );
    for (name, path) in names {
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    code.push_str("];\n");
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/build.rs");
    std::fs::write(
        PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default()).join("embedded.rs"),
        code,
    )
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|ext| ext == "yaml" || ext == "tsv")
        {
            files.push(path);
        }
    }
    Ok(())
}
