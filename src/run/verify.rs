//! `dockopt verify`: the rewrite of `fix`, built and run.

use std::path::Path;
use std::time::Duration;

use dockopt::report::{FileReport, Location, Problem};
use dockopt::verify::{
    self, Declared, Engine, Interrupt, Job, Plan, Request, RunOptions, Verdict, Verification,
    VerifyError, report,
};

use super::rewrite;
use super::settings::Settings;
use super::streams::Streams;
use super::watch::Progress;
use super::{Failure, Status};
use crate::cli::{Verify, VerifyFormat};

/// Verifies what the command line names, one Dockerfile after another.
pub fn verify(verify: &Verify, streams: &Streams) -> Result<Status, Failure> {
    if verify.paths.iter().any(|path| path.as_os_str() == "-") {
        let message = "standard input has no build context that could be built";
        return Err(Failure::new(message).help("name a Dockerfile or a folder"));
    }
    let settings = Settings::load(&verify.selection)?;
    let rewritten = rewrite::report(&verify.paths, &verify.selection, &settings, streams)?;
    let interrupt = Interrupt::listen()
        .map_err(|error| Failure::new(format!("signals cannot be handled: {error}")))?;
    let mut session = Session {
        verify,
        streams,
        settings: &settings,
        plan: plan(verify),
        interrupt,
        engine: None,
        results: Vec::new(),
        status: Status::Done,
    };
    for file in &rewritten.files {
        if let End::Signal(signal) = session.file(file)? {
            return Ok(Status::Interrupted(signal));
        }
    }
    match verify.format {
        VerifyFormat::Text => {}
        VerifyFormat::Json => streams.print(&report::json(&session.results))?,
        VerifyFormat::Markdown => streams.print(&report::markdown(&session.results))?,
    }
    Ok(session.status)
}

/// What the command line asks for.
fn plan(verify: &Verify) -> Plan {
    Plan {
        build_args: verify.build_arg.clone(),
        build_network: verify.build_network.clone(),
        run: RunOptions {
            env: verify.env.clone(),
            network: verify.network.clone(),
            options: verify.run_arg.clone(),
            args: verify.args.clone(),
        },
        ports: verify.publish.clone(),
        requests: match &verify.probe[..] {
            [] => vec![Request::get("/")],
            probes => probes.to_vec(),
        },
        build_limit: Duration::from_secs(verify.build_timeout),
        run_limit: Duration::from_secs(verify.timeout),
        no_cache: verify.no_cache,
        rebuild: !verify.no_rebuild,
        touch: verify.touch.clone(),
        files: !verify.no_files,
        always: verify.always,
    }
}

struct Session<'a> {
    verify: &'a Verify,
    streams: &'a Streams,
    settings: &'a Settings,
    plan: Plan,
    interrupt: Interrupt,
    /// Looked for when the first file needs it.
    engine: Option<Engine>,
    results: Vec<Verification>,
    status: Status,
}

/// How the work on a file ended.
enum End {
    Done,
    Signal(u8),
}

impl Session<'_> {
    fn file(&mut self, file: &FileReport) -> Result<End, Failure> {
        let outcome = match &file.result {
            Ok(outcome) => outcome,
            Err(problem) => return Ok(self.problem(file, problem.clone())),
        };
        let (Location::File(dockerfile), Some(context)) = (&file.location, &file.context) else {
            return Ok(End::Done);
        };
        let job = Job {
            name: file.location.shown(),
            dockerfile,
            context,
            outcome,
            declared: Declared::of(outcome, &self.settings.rules),
        };
        match self.work(&job) {
            Ok(result) => self.done(result).map(|()| End::Done),
            Err(VerifyError::Interrupted { signal }) => Ok(End::Signal(signal)),
            Err(error @ VerifyError::NoEngine { .. }) => Err(Failure::new(error.to_string())
                .help("start docker or podman, or name a client with --engine")),
            Err(error) => Ok(self.problem(
                file,
                Problem {
                    message: error.to_string(),
                    ..Problem::default()
                },
            )),
        }
    }

    fn work(&mut self, job: &Job<'_>) -> Result<Verification, VerifyError> {
        let wanted = self.verify.engine.as_deref().map(Path::new);
        let needed = job.outcome.changed() || self.plan.always;
        let engine = match (&mut self.engine, needed) {
            (Some(engine), _) => engine,
            (None, false) => return Ok(Verification::unchanged(&job.name)),
            (none, true) => none.insert(Engine::find(wanted, &self.interrupt)?),
        };
        let mut watch = Progress::new(&job.name, self.verify.talk, self.streams);
        verify::verify(engine, job, &self.plan, &mut watch)
    }

    fn done(&mut self, result: Verification) -> Result<(), Failure> {
        self.status = self.status.max(match result.verdict {
            Verdict::Unchanged | Verdict::Same => Status::Done,
            Verdict::Incomparable => Status::Incomparable,
            Verdict::Different => Status::Different,
        });
        if self.verify.format == VerifyFormat::Text {
            let gap = if self.results.is_empty() { "" } else { "\n" };
            let text = report::text(&result, self.verify.talk.verbose, &self.streams.out);
            self.streams.print(&format!("{gap}{text}"))?;
        }
        self.results.push(result);
        Ok(())
    }

    /// Tells what went wrong with a file; the others are still verified.
    fn problem(&mut self, file: &FileReport, problem: Problem) -> End {
        self.streams
            .fail(&Failure::at(file.location.shown(), problem));
        self.status = self.status.max(Status::Failed);
        End::Done
    }
}
