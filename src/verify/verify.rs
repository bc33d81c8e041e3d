//! The way of one Dockerfile: build, compare, run, compare, build again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::behaviour;
use super::contents::Contents;
use super::engine::Kind;
use super::judgement::{behaviour_failures, behaviour_warnings, failed_build, no_answer};
use super::observe::{Observed, Watched};
use super::verification::{About, Build, ConfigurationDifference, Finding, Rebuild, Side};
use super::{
    BuildFailure, BuildOptions, Built, Engine, Image, ImageConfig, Job, Plan, Verdict,
    Verification, VerifyError, declared, opened, touch,
};
use crate::facts::{Context, DirectoryContext, Tri};

/// Who is told how far it is.
pub trait Watch {
    /// Something that takes a while begins.
    fn begin(&mut self, what: &str);
    /// A step of it begins.
    fn step(&mut self, step: &str);
    /// It is over.
    fn end(&mut self, took: Duration);
}

/// Builds a Dockerfile before and after its changes and compares the images. This runs what the Dockerfile says.
///
/// All images, containers and volumes are removed in the end, also where it ends with an error.
///
/// # Errors
/// Where the engine or a file fails, and [`VerifyError::Interrupted`]. An image that does not build is no error but
/// part of the result.
pub fn verify(
    engine: &Engine,
    job: &Job<'_>,
    plan: &Plan,
    watch: &mut dyn Watch,
) -> Result<Verification, VerifyError> {
    if !job.outcome.changed() && !plan.always {
        return Ok(Verification::of(&job.name, Verdict::Unchanged));
    }
    let mut bench = Bench::new(engine, job, plan, watch)?;
    let mut result = Verification::of(&job.name, Verdict::Same);
    result.engine = Some(engine.name());
    match bench.compare(&mut result) {
        Ok(()) => {}
        Err(End::Incomparable(reason)) => result.reason = Some(reason),
        Err(End::Error(error)) => return Err(error),
    }
    result.verdict = match () {
        () if !result.failures.is_empty() => Verdict::Different,
        () if result.reason.is_some() => Verdict::Incomparable,
        () if !job.outcome.changed() => Verdict::Unchanged,
        () => Verdict::Same,
    };
    Ok(result)
}

/// Why a comparison ends early.
enum End {
    /// Nothing more can be compared: why.
    Incomparable(String),
    Error(VerifyError),
}

impl From<VerifyError> for End {
    fn from(error: VerifyError) -> End {
        End::Error(error)
    }
}

/// Before or after.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Before,
    After,
}

/// What one verification works with.
struct Bench<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    plan: &'a Plan,
    watch: &'a mut dyn Watch,
    /// Holds both Dockerfiles with their ignore files, since the build context is not to be changed.
    folder: tempfile::TempDir,
    /// Unique to this verification.
    tag: String,
}

impl<'a> Bench<'a> {
    fn new(
        engine: &'a Engine,
        job: &'a Job<'a>,
        plan: &'a Plan,
        watch: &'a mut dyn Watch,
    ) -> Result<Bench<'a>, VerifyError> {
        let failed = |source| VerifyError::File {
            path: "a temporary folder".to_string(),
            source,
        };
        let mut builder = tempfile::Builder::new();
        let folder = builder.prefix("dockopt-verify-").tempdir();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let tag = format!(
            "dockopt-verify:{}-{:x}",
            std::process::id(),
            now.map_or(0, |now| now.as_micros())
        );
        let bench = Bench {
            engine,
            job,
            plan,
            watch,
            folder: folder.map_err(failed)?,
            tag,
        };
        bench.write_dockerfiles().map_err(failed)?;
        Ok(bench)
    }

    fn write_dockerfiles(&self) -> std::io::Result<()> {
        let context = self.context();
        let ignored = match context.ignore_text() {
            Tri::Present(text) => Some(text.to_string()),
            _ => None,
        };
        let outcome = self.job.outcome;
        let rewritten = outcome
            .files
            .iter()
            .find(|file| file.path.ends_with(".dockerignore"))
            .map(|file| file.after.clone())
            .or_else(|| ignored.clone());
        for (role, text, ignored) in [
            (Role::Before, &outcome.original, ignored),
            (Role::After, &outcome.text, rewritten),
        ] {
            let path = self.dockerfile(role);
            std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
            std::fs::write(&path, text)?;
            if let Some(ignored) = ignored {
                let mut name = OsString::from(&path);
                name.push(".dockerignore");
                std::fs::write(name, ignored)?;
            }
        }
        Ok(())
    }

    fn dockerfile(&self, role: Role) -> PathBuf {
        let folder = self.folder.path();
        match role {
            Role::Before => folder.join("before/Dockerfile"),
            Role::After => folder.join("after/Dockerfile"),
        }
    }

    fn context(&self) -> DirectoryContext {
        DirectoryContext::new(self.job.context, self.job.dockerfile)
    }

    /// The whole comparison; what is found goes into `result` at once, so that nothing is lost where it ends early.
    fn compare(&mut self, result: &mut Verification) -> Result<(), End> {
        let before = self.build(Role::Before, self.job.context, "before")?;
        let before = before.map_err(|failure| original_does_not_build(&failure))?;
        result.before = Some(side(&before)?);
        let config = before.image.config()?;
        let health_check = config
            .get("healthcheck")
            .is_some_and(|test| !test.contains("\"NONE\""));
        let plan = self.plan;
        let watched = |image| Watched {
            image,
            plan,
            ports: match plan.ports.is_empty() {
                true => config.ports(),
                false => plan.ports.clone(),
            },
            health_check,
            volumes: &[],
        };
        if !self.job.outcome.changed() {
            let observed = self.run("original: run", || watched(&before.image).observe())?;
            result.behaviour = behaviour::alone(&observed);
            result.observed = vec![observed];
            return Ok(());
        }
        let after = match self.build(Role::After, self.job.context, "after")? {
            Ok(after) => after,
            Err(failure) if failure.network => {
                let reason =
                    "the rewritten Dockerfile needs a network or a registry that is not reached";
                return Err(End::Incomparable(format!("{reason}\n{failure}")));
            }
            Err(failure) => {
                result.failures.push(failed_build(About::Build, &failure));
                return Ok(());
            }
        };
        result.after = Some(side(&after)?);
        self.compare_sizes(result);
        self.compare_config(&config, &after.image.config()?, result);
        self.rebuild(result)?;
        if self.engine.kind() == Kind::Buildah {
            let reason =
                "buildah runs no images: behaviour is not compared, docker or podman can do it";
            return Err(End::Incomparable(reason.to_string()));
        }
        let was = self.run("before: run", || watched(&before.image).observe())?;
        if let Observed::NotStarted(said) = &was {
            return Err(End::Incomparable(format!(
                "the original does not start: {said}"
            )));
        }
        // Ports that were found in the original are those of the rewritten image, too.
        let mut rewritten = watched(&after.image);
        if let Observed::Served(served) = &was {
            rewritten.ports.clone_from(&served.ports);
        }
        let is = self.run("after: run", || rewritten.observe())?;
        let again = || self.run("before: run again", || watched(&before.image).observe());
        result.behaviour = behaviour::compare(&was, &is, again)?;
        result
            .failures
            .extend(behaviour_failures(&result.behaviour, &was, &is));
        result
            .warnings
            .extend(behaviour_warnings(&result.behaviour, &was));
        let incomparable = no_answer(plan, &was);
        result.observed = vec![was, is];
        if plan.files {
            self.compare_files(&before, &after, &watched(&before.image), result)?;
        }
        match incomparable {
            Some(reason) => Err(End::Incomparable(reason)),
            None => Ok(()),
        }
    }

    fn build(
        &mut self,
        role: Role,
        context: &Path,
        what: &str,
    ) -> Result<Result<Built, BuildFailure>, VerifyError> {
        let dockerfile = self.dockerfile(role);
        let tag = format!("{}-{}", self.tag, what.replace(' ', "-"));
        let options = BuildOptions {
            context,
            dockerfile: &dockerfile,
            tag: &tag,
            args: &self.plan.build_args,
            network: self.plan.build_network.as_deref(),
            no_cache: self.plan.no_cache && !what.starts_with("rebuild"),
            limit: self.plan.build_limit,
        };
        self.watch.begin(&match what.starts_with("rebuild") {
            true => what.to_string(),
            false => format!("{what}: build"),
        });
        let start = Instant::now();
        let built = Image::build(self.engine, &options, &mut |step| self.watch.step(step));
        self.watch.end(start.elapsed());
        match built {
            Ok(built) => Ok(Ok(built)),
            Err(VerifyError::Build(failure)) => Ok(Err(*failure)),
            Err(error) => Err(error),
        }
    }

    fn run<T>(
        &mut self,
        what: &str,
        run: impl FnOnce() -> Result<T, VerifyError>,
    ) -> Result<T, VerifyError> {
        self.watch.begin(what);
        let start = Instant::now();
        let result = run();
        self.watch.end(start.elapsed());
        result
    }

    fn compare_sizes(&self, result: &mut Verification) {
        if let (Some(before), Some(after)) = (&result.before, &result.after)
            && after.size > before.size
        {
            let grown = after.size - before.size;
            result
                .warnings
                .push(format!("the rewritten image is {grown} bytes bigger"));
        }
    }

    fn compare_config(&self, was: &ImageConfig, is: &ImageConfig, result: &mut Verification) {
        let set = declared::variables(&self.job.outcome.original);
        for difference in was.differences(is) {
            let declared_by = declared::by(&difference, &self.job.declared, &set);
            if declared_by.is_none() {
                result.failures.push(Finding {
                    about: About::Configuration,
                    message: difference.to_string(),
                    log: None,
                });
            }
            result.configuration.push(ConfigurationDifference {
                difference,
                declared_by,
            });
        }
    }

    /// Builds both once more after a change to one source file.
    fn rebuild(&mut self, result: &mut Verification) -> Result<(), End> {
        if !self.plan.rebuild {
            return Ok(());
        }
        let context = self.context();
        let file = match &self.plan.touch {
            Some(file) => Some(touch::relative(file, self.job.context)),
            None => touch::candidate(&context),
        };
        let Some(file) = file else {
            let warning = "no source file was found to change for a rebuild: name one with --touch";
            result.warnings.push(warning.to_string());
            return Ok(());
        };
        if !matches!(
            context.entry(&file),
            Tri::Present(crate::facts::Entry::File(_))
        ) {
            return Err(End::Error(VerifyError::File {
                path: file,
                source: std::io::Error::other("there is no such file in the build context"),
            }));
        }
        let lines = touch::new_lines();
        let mut builds = Vec::new();
        for (role, what, lines) in [
            (Role::Before, "rebuild before", lines),
            // Another change, or the steps that both have would come from the cache.
            (Role::After, "rebuild after", lines + 1),
        ] {
            let changed = touch::touched(&context, &file, lines)?;
            match self.build(role, changed.path(), what)? {
                Ok(built) => builds.push(build(&built)),
                Err(failure) if failure.network || role == Role::Before => {
                    result.warnings.push(format!("{what}: {failure}"));
                    return Ok(());
                }
                Err(failure) => {
                    result.failures.push(failed_build(About::Rebuild, &failure));
                    return Ok(());
                }
            }
        }
        if let (Some(after), Some(before)) = (builds.pop(), builds.pop()) {
            // Seconds vary from run to run.
            if after.seconds > before.seconds * 1.25 + 2.0 {
                result.warnings.push(format!(
                    "a rebuild after a change to {file} takes longer: {:.1} s, not {:.1} s",
                    after.seconds, before.seconds
                ));
            }
            result.rebuild = Some(Rebuild {
                file,
                before,
                after,
            });
        }
        Ok(())
    }

    /// Tells which files went away, and which of them the program opens.
    fn compare_files(
        &mut self,
        before: &Built,
        after: &Built,
        watched: &Watched<'_>,
        result: &mut Verification,
    ) -> Result<(), End> {
        let mut read = |what, image| match self.run(what, || Contents::of(image)) {
            Ok(contents) => Ok(Some(contents)),
            Err(error @ VerifyError::Interrupted { .. }) => Err(End::Error(error)),
            // Files never decide: nerdctl exports containers since 2.1 alone, and everything else was compared.
            Err(error) => {
                let warning = format!("the files of the images are not compared: {error}");
                result.warnings.push(warning);
                Ok(None)
            }
        };
        let Some(was) = read("before: files", &before.image)? else {
            return Ok(());
        };
        let Some(is) = read("after: files", &after.image)? else {
            return Ok(());
        };
        result.gone = Some(was.missing_in_groups(&is));
        result.new = Some(is.missing_in_groups(&was));
        if was.missing_from(&is).next().is_none() {
            return Ok(());
        }
        let opened = self.run("before: files that are opened", || {
            opened::look(watched, &was, &is)
        });
        let opened = match opened {
            Ok(opened) => opened,
            Err(error @ VerifyError::Interrupted { .. }) => return Err(End::Error(error)),
            // It is an extra: that the program does not run with volumes says nothing about the rewrite.
            Err(error) => opened::Opened::unknown(error.to_string()),
        };
        if !opened.missing.is_empty() {
            result.warnings.push(format!(
                "the original opens {} that the rewritten image lacks",
                crate::report::counted(opened.missing.len(), "file")
            ));
        }
        result.opened = Some(opened);
        Ok(())
    }
}

fn original_does_not_build(failure: &BuildFailure) -> End {
    let why = match failure.network {
        true => "the original does not build here, since a network or a registry is not reached",
        false => "the original does not build",
    };
    End::Incomparable(format!("{why}: nothing can be compared\n{failure}"))
}

fn side(built: &Built) -> Result<Side, VerifyError> {
    Ok(Side {
        size: built.image.size()?,
        build: build(built),
        layers: built.image.layers()?,
    })
}

fn build(built: &Built) -> Build {
    Build {
        seconds: built.took.as_secs_f64(),
        steps: built.steps.clone(),
    }
}
