//! One fixture, verified as `dockopt verify` does it, and held against its case.

use std::time::Duration;

use dockopt::engine::{Options, Outcome, optimize};
use dockopt::facts::DirectoryContext;
use dockopt::rule::RuleSet;
use dockopt::verify::{
    About, Declared, Engine, Finding, Job, Plan, Verdict as Compared, Verification, Watch, verify,
};

use crate::case::Fixture;
use crate::rewrite::{Rewrite, fix};
use crate::snapshot::as_expected;

const PULL_LIMIT: Duration = Duration::from_secs(1200);
const RUN_LIMIT: Duration = Duration::from_secs(300);

/// How the images are built.
pub struct Lab {
    pub engine: Engine,
    pub rules: RuleSet,
    /// `--network` of the builds; `None` for the engine's default.
    pub network: Option<String>,
    /// Build every step anew, so that times can be compared.
    pub no_cache: bool,
    /// Build once more after a change.
    pub rebuild: bool,
    /// Compare files, and look which of them the program opens.
    pub files: bool,
}

pub enum Verdict {
    /// Built, run, and alike.
    Alike(Box<Verification>),
    /// The original builds and answers as the case says; nothing is rewritten, as the case wants it.
    Original(u64),
    /// Not tried, or a network or a registry is not reached: why.
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
            if !self.engine.has_image(base) && self.engine.pull(base, PULL_LIMIT).is_err() {
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
        let case = &fixture.case;
        let (copy, rewritten) = (fixture.copy(), fixture.copy());
        let rewrite = fix(rewritten.path(), case.profile.as_deref())?;
        as_expected(fixture, &rewrite)?;
        let dockerfile = copy.path().join("Dockerfile");
        let mut options = Options::default();
        if let Some(profile) = &case.profile {
            options.profiles = vec![profile.clone()];
        }
        let outcome = self.outcome(&rewrite, copy.path(), &dockerfile, &options)?;
        let job = Job {
            name: fixture.name.clone(),
            dockerfile: &dockerfile,
            context: copy.path(),
            outcome: &outcome,
            declared: Declared::of(&outcome, &self.rules),
        };
        let plan = Plan {
            build_network: self.network.clone(),
            run: case.run.options(),
            ports: case.run.port.into_iter().collect(),
            requests: case.run.requests(),
            run_limit: RUN_LIMIT,
            no_cache: self.no_cache,
            rebuild: self.rebuild && case.touch.is_some(),
            touch: case.touch.clone(),
            files: self.files,
            always: true,
            ..Plan::default()
        };
        let result =
            verify(&self.engine, &job, &plan, &mut Quiet).map_err(|error| error.to_string())?;
        judge(fixture, result)
    }

    /// The rewrite with its changes, as the command has it; the same text as `dockopt fix --write` writes.
    fn outcome(
        &self,
        rewrite: &Rewrite,
        folder: &std::path::Path,
        dockerfile: &std::path::Path,
        options: &Options,
    ) -> Result<Outcome, String> {
        let context = DirectoryContext::new(folder, dockerfile);
        let outcome = optimize(&rewrite.before, &context, &self.rules, options)
            .map_err(|error| error.message)?;
        match outcome.text == rewrite.after {
            true => Ok(outcome),
            false => Err(format!(
                "the library makes something else of it:\n{}",
                outcome.text
            )),
        }
    }
}

/// What a verification means for a fixture.
fn judge(fixture: &Fixture, result: Verification) -> Result<Verdict, String> {
    if let Some(reason) = &result.reason {
        // Where both images were built, they could have been compared.
        return match result.before.is_some() && result.after.is_some() {
            true => Err(reason.clone()),
            false => Ok(Verdict::Skipped(reason.clone())),
        };
    }
    let Some(original) = &result.before else {
        return Err("nothing was built".to_string());
    };
    if let Some(observed) = result.observed.first() {
        let checked = fixture.case.run.check(observed);
        checked.map_err(|error| format!("the original: {error}"))?;
    }
    let expected = |finding: &Finding| {
        let part = finding.message.split(": ").next().unwrap_or_default();
        finding.about == About::Configuration
            && fixture.case.differs.iter().any(|differs| differs == part)
    };
    let mut failures: Vec<String> = result
        .failures
        .iter()
        .filter(|finding| !expected(finding))
        .map(|finding| {
            let log = finding.log.as_deref().unwrap_or_default();
            format!("{:?}: {}\n{log}", finding.about, finding.message)
        })
        .collect();
    failures.extend(too_big(fixture, &result));
    Ok(match result.verdict {
        _ if !failures.is_empty() => Verdict::Failed(failures),
        Compared::Unchanged => Verdict::Original(original.size),
        _ => Verdict::Alike(Box::new(result)),
    })
}

fn too_big(fixture: &Fixture, result: &Verification) -> Option<String> {
    let (before, after) = (result.before.as_ref()?.size, result.after.as_ref()?.size);
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

struct Quiet;

impl Watch for Quiet {
    fn begin(&mut self, _what: &str) {}
    fn step(&mut self, _step: &str) {}
    fn end(&mut self, _took: Duration) {}
}
