//! Directories of files that the program makes: the file is not there, and its directory has to be.

use super::Plan;
use super::assets::Assets;
use crate::engine::Evidence;
use crate::facts::sources::Scan;
use crate::model::path::{name, parent, resolve, within};

/// Adds directories of the build context that a file lies in which the sources name and nothing brings, by its ending
/// (table `made-files`): `data/app.db`, for which the original has a directory `data`.
pub fn directories(plan: &Plan<'_>, scan: &Scan, assets: &mut Assets) {
    let workdir = plan.firing.model.end.workdir.as_deref().unwrap_or("/");
    for (text, source) in scan.literals.iter().chain(&scan.missing) {
        let Some(file) = file(text) else {
            continue;
        };
        let Some(directory) = directory(plan, &resolve(workdir, file)) else {
            continue;
        };
        if assets.paths.iter().any(|known| within(&directory, known)) {
            continue;
        }
        assets.evidence.push(Evidence {
            text: format!("the program may make `{file}`, which needs its directory"),
            source: Some(source.clone()),
        });
        assets.paths.retain(|known| !within(known, &directory));
        assets.paths.push(directory);
    }
}

/// The directory of the build context that a file needs which a program makes and nothing brings.
pub fn directory(plan: &Plan<'_>, path: &str) -> Option<String> {
    let model = plan.firing.model;
    let workdir = model.end.workdir.as_deref().unwrap_or("/");
    let (_, ending) = name(path).rsplit_once('.')?;
    plan.firing.rules.look_up("made-files", &[ending])?;
    let directory = parent(path);
    if directory == "/" || directory == workdir {
        return None;
    }
    let Ok(Some((at, origin))) = model.origin(directory, plan.firing.context) else {
        return None;
    };
    let there = matches!(model.origin(path, plan.firing.context), Ok(Some(_)));
    (!there && at <= plan.survey.last && !origin.is_empty()).then(|| directory.to_string())
}

/// The file that a text names, which may be an address of a database: `file:data/app.db?cache=shared`.
pub fn file(text: &str) -> Option<&str> {
    let text = text.split_once('?').map_or(text, |(file, _)| file);
    let file = text.rsplit_once(':').map_or(text, |(_, file)| file);
    let file = file.strip_prefix("//").unwrap_or(file);
    let plain = !file.contains(['*', '{', '%', '$', '<']);
    (plain && file.contains('/')).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn addresses_of_databases_name_files() {
        assert_eq!(file("./db/app.db"), Some("./db/app.db"));
        assert_eq!(file("file:db/app.db?cache=shared"), Some("db/app.db"));
        assert_eq!(file("sqlite://db/app.db"), Some("db/app.db"));
        assert_eq!(file("sqlite:///srv/db/app.db"), Some("/srv/db/app.db"));
        assert_eq!(file("jdbc:sqlite:db/app.db"), Some("db/app.db"));
        assert_eq!(file("app.db"), None);
        assert_eq!(file("logs/%s.log"), None);
    }
}
