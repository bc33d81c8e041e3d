//! One fixture, built and run before and after.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use dockopt::verify::{
    BuildOptions, Built, Container, Ended, Engine, Image, Response, VerifyError, ask, compare,
};

use crate::case::{Fixture, Run};
use crate::rewrite::fix;
use crate::snapshot::as_expected;

const BUILD_LIMIT: Duration = Duration::from_secs(1200);
const START_LIMIT: Duration = Duration::from_secs(300);
const HEALTH_LIMIT: Duration = Duration::from_secs(120);

/// How the images are built.
pub struct Lab {
    pub engine: Engine,
    /// `--network` of the builds; `None` for the engine's default.
    pub network: Option<String>,
    /// Build every step anew, and once more after a change, so that times can be compared.
    pub times: bool,
}

/// What was measured.
#[derive(Default)]
pub struct Figures {
    /// Sizes in bytes, before and after.
    pub size: (u64, u64),
    /// Build times, before and after.
    pub build: Option<(Duration, Duration)>,
    /// Build times after a change to one source file, before and after.
    pub rebuild: Option<(Duration, Duration)>,
}

pub enum Verdict {
    /// Built, run, and alike.
    Alike(Figures),
    /// The original builds and answers as the case says; nothing is rewritten, as the case wants it.
    Original(u64),
    /// Not tried, or the original does not build here: why.
    Skipped(String),
    /// The case says that dockopt cannot do this yet, and it does not.
    Open(String),
    /// Everything that is not as the case says.
    Failed(Vec<String>),
}

impl Lab {
    pub fn try_fixture(&self, fixture: &Fixture) -> Verdict {
        if let Some(reason) = &fixture.case.not_built {
            return Verdict::Skipped(reason.clone());
        }
        for base in &fixture.case.bases {
            if !self.engine.has_image(base) && self.engine.pull(base, BUILD_LIMIT).is_err() {
                return Verdict::Skipped(format!("{base} is not here and cannot be pulled"));
            }
        }
        let verdict = self
            .compare(fixture)
            .unwrap_or_else(|failure| Verdict::Failed(vec![failure]));
        match (verdict, &fixture.case.open) {
            (Verdict::Failed(failures), Some(open)) => {
                Verdict::Open(format!("{open}\n{}", failures.join("\n")))
            }
            (Verdict::Alike(_) | Verdict::Original(_), Some(open)) => {
                Verdict::Failed(vec![format!("as the case wants it: `open: {open}` can go")])
            }
            (verdict, _) => verdict,
        }
    }

    fn compare(&self, fixture: &Fixture) -> Result<Verdict, String> {
        let run = &fixture.case.run;
        let (original, rewritten) = (fixture.copy(), fixture.copy());
        let before = match self.build(original.path(), &fixture.name, "before", self.times) {
            Ok(built) => built,
            Err(error) => {
                return Ok(Verdict::Skipped(format!(
                    "the original does not build here: {error}"
                )));
            }
        };
        let expected = observe(&before.image, run)
            .map_err(|error| format!("the original does not run: {error}"))?;
        check(run, &expected).map_err(|error| format!("the original: {error}"))?;
        let rewrite = fix(rewritten.path())?;
        as_expected(fixture, &rewrite)?;
        if !rewrite.changed() {
            return Ok(Verdict::Original(size(&before.image)?));
        }
        let after = self
            .build(rewritten.path(), &fixture.name, "after", self.times)
            .map_err(|error| format!("the rewritten file does not build: {error}"))?;
        let mut failures = self.differences(fixture, &before.image, &after.image, &expected);
        let figures = Figures {
            size: (size(&before.image)?, size(&after.image)?),
            build: self.times.then_some((before.took, after.took)),
            rebuild: self.rebuild(fixture, original.path(), rewritten.path())?,
        };
        failures.extend(too_big(fixture, &figures));
        Ok(if failures.is_empty() {
            Verdict::Alike(figures)
        } else {
            Verdict::Failed(failures)
        })
    }

    /// Everything in which the rewritten image is not as the original, apart from what is declared.
    fn differences(
        &self,
        fixture: &Fixture,
        before: &Image,
        after: &Image,
        expected: &Observed,
    ) -> Vec<String> {
        let mut failures = Vec::new();
        match (before.config(), after.config()) {
            (Ok(before), Ok(after)) => {
                let differences = before
                    .differences(&after)
                    .into_iter()
                    .filter(|difference| !fixture.case.differs.contains(&difference.part));
                failures
                    .extend(differences.map(|difference| format!("configuration: {difference}")));
            }
            (Err(error), _) | (_, Err(error)) => failures.push(error.to_string()),
        }
        match observe(after, &fixture.case.run) {
            Ok(observed) => failures.extend(unlike(&fixture.case.run, expected, &observed)),
            Err(error) => failures.push(format!("the rewritten image does not run: {error}")),
        }
        failures
    }

    /// Build times after empty lines are added to a source file, with whatever the engine has cached.
    fn rebuild(
        &self,
        fixture: &Fixture,
        original: &Path,
        rewritten: &Path,
    ) -> Result<Option<(Duration, Duration)>, String> {
        let Some(touch) = fixture.case.touch.as_ref().filter(|_| self.times) else {
            return Ok(None);
        };
        // As many empty lines as no earlier run has added, whose build would be in the cache.
        let seconds = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let blank = "\n".repeat(1 + (seconds % 10_000) as usize);
        let again = |folder: &Path, role: &str| -> Result<Duration, String> {
            let path = folder.join(touch);
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", touch.display()))?;
            fs::write(&path, text + &blank)
                .map_err(|error| format!("{}: {error}", touch.display()))?;
            let built = self
                .build(folder, &fixture.name, role, false)
                .map_err(|error| error.to_string())?;
            Ok(built.took)
        };
        Ok(Some((
            again(original, "before-again")?,
            again(rewritten, "after-again")?,
        )))
    }

    fn build(
        &self,
        folder: &Path,
        name: &str,
        role: &str,
        no_cache: bool,
    ) -> Result<Built, VerifyError> {
        let tag = format!("dockopt-lab/{name}:{role}-{}", std::process::id());
        let dockerfile = folder.join("Dockerfile");
        let options = BuildOptions {
            context: folder,
            dockerfile: &dockerfile,
            tag: &tag,
            network: self.network.as_deref(),
            no_cache,
            limit: BUILD_LIMIT,
        };
        Image::build(&self.engine, &options)
    }
}

/// What a container of an image did.
enum Observed {
    Answered(Vec<Response>),
    Ended(Ended),
}

fn observe(image: &Image, run: &Run) -> Result<Observed, VerifyError> {
    let Some(port) = run.port else {
        return Container::run_to_end(image, &run.options(), START_LIMIT).map(Observed::Ended);
    };
    let container = Container::serve(image, port, &run.options(), START_LIMIT)?;
    if run.healthy {
        container.wait_until_healthy(HEALTH_LIMIT)?;
    }
    ask(&container, &run.requests).map(Observed::Answered)
}

/// Whether an image behaves as the case says.
fn check(run: &Run, observed: &Observed) -> Result<(), String> {
    match observed {
        Observed::Answered(responses) => run
            .requests
            .iter()
            .zip(responses)
            .try_for_each(|(request, response)| request.check(response)),
        Observed::Ended(ended) if run.exit != ended.code => Err(format!(
            "ended with {:?}, not {:?}: {ended:?}",
            ended.code, run.exit
        )),
        Observed::Ended(ended)
            if run
                .output
                .as_ref()
                .is_some_and(|output| *output != ended.stdout) =>
        {
            Err(format!("wrote {:?}, not {:?}", ended.stdout, run.output))
        }
        Observed::Ended(_) => Ok(()),
    }
}

/// In what the second image behaves unlike the first.
fn unlike(run: &Run, before: &Observed, after: &Observed) -> Vec<String> {
    match (before, after) {
        (Observed::Answered(before), Observed::Answered(after)) => run
            .requests
            .iter()
            .zip(before.iter().zip(after))
            .filter_map(|(request, (before, after))| compare(request, before, after).err())
            .collect(),
        (Observed::Ended(before), Observed::Ended(after))
            if (before.code, &before.stdout) == (after.code, &after.stdout) =>
        {
            Vec::new()
        }
        (Observed::Ended(before), Observed::Ended(after)) => {
            vec![format!("before: {before:?}\nafter: {after:?}")]
        }
        _ => vec!["one serves, the other ends".to_string()],
    }
}

fn too_big(fixture: &Fixture, figures: &Figures) -> Option<String> {
    let (before, after) = figures.size;
    let limit = fixture
        .case
        .max_size_mb
        .map(|megabytes| megabytes * 1_000_000);
    let ratio = fixture
        .case
        .max_ratio
        .map(|ratio| (before as f64 * ratio) as u64);
    // A rewrite that makes an image bigger is no rewrite, whatever the case says.
    let limit = [limit, ratio, Some(before)]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(before);
    (after > limit).then(|| format!("{after} bytes after, {before} before, at most {limit} wanted"))
}

fn size(image: &Image) -> Result<u64, String> {
    image.size().map_err(|error| error.to_string())
}
