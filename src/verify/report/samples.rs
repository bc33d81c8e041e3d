//! Results to show in tests.

use crate::verify::{
    About, Build, Check, Comparison, ConfigurationDifference, Difference, Finding, Group, Layer,
    Missing, Opened, Rebuild, Side, Step, Verdict, Verification,
};

fn build(seconds: f64, cached: usize, steps: usize) -> Build {
    let step = |number: usize| Step {
        name: format!("[{}/{steps}] RUN a", number + 1),
        cached: number < cached,
        ..Step::default()
    };
    Build {
        seconds,
        steps: (0..steps).map(step).collect(),
    }
}

fn side(size: u64, build: Build, layers: &[(u64, &str)]) -> Side {
    let layer = |(size, made_by): &(u64, &str)| Layer {
        size: *size,
        made_by: (*made_by).to_string(),
    };
    Side {
        size,
        build,
        layers: layers.iter().map(layer).collect(),
    }
}

fn check(what: &str, before: &str, after: &str, result: Comparison) -> Check {
    Check {
        what: what.to_string(),
        before: before.to_string(),
        after: Some(after.to_string()),
        result,
    }
}

fn group(bytes: u64, files: usize, path: &str) -> Group {
    Group {
        path: path.to_string(),
        bytes,
        files,
    }
}

/// Everything held.
pub fn same() -> Verification {
    let before = [
        (124_000_000, "ADD file:1 in /"),
        (
            1_335_900_000,
            "RUN apt-get update && apt-get install -y gcc g++ make python3 and a long list of others",
        ),
        (290_400_000, "RUN npm install"),
        (40_000, "COPY . ."),
        (60_000, "RUN npm run build"),
    ];
    let after = [
        (218_000_000, "ADD file:2 in /"),
        (9_500_000, "COPY /app/node_modules ./node_modules"),
    ];
    let answer = "200 application/json, 103 bytes";
    Verification {
        engine: Some("docker 28.2.2".to_string()),
        before: Some(side(1_750_400_000, build(45.24, 0, 6), &before)),
        after: Some(side(227_500_000, build(3.1, 5, 11), &after)),
        rebuild: Some(Rebuild {
            file: "src/books.ts".to_string(),
            before: build(12.0, 4, 6),
            after: build(11.8, 7, 11),
        }),
        behaviour: vec![
            check("GET :4000/books", answer, answer, Comparison::Same),
            check("GET :4000/id", "id 1", "id 2", Comparison::Varies),
            check("health check", "healthy", "healthy", Comparison::Same),
        ],
        gone: Some(Missing {
            bytes: 1_523_000_000,
            files: 24_310,
            groups: vec![
                group(700_000_000, 9000, "/usr/lib/gcc/"),
                group(400_000_000, 500, "/usr/bin/*"),
                group(60_000_000, 1, "/app/tool.bin"),
            ],
        }),
        new: Some(Missing {
            bytes: 1_200_000,
            files: 1,
            groups: vec![group(1_200_000, 1, "/etc/new")],
        }),
        opened: Some(Opened {
            opened: 1412,
            ..Opened::default()
        }),
        warnings: vec!["GET :4000/id: varies from run to run of the original, too".to_string()],
        ..Verification::of("app/Dockerfile", Verdict::Same)
    }
}

/// The program behaves differently.
pub fn different() -> Verification {
    let difference = |part: &str, before: Option<&str>, after: Option<&str>| Difference {
        part: part.to_string(),
        before: before.map(str::to_string),
        after: after.map(str::to_string),
    };
    Verification {
        engine: Some("podman 4.3.1".to_string()),
        before: Some(side(
            1_236_800_000,
            build(31.0, 0, 5),
            &[(1_236_800_000, "ADD a")],
        )),
        after: Some(side(
            10_600_000,
            build(1.0, 4, 7),
            &[(10_600_000, "COPY /go/bin/app /app")],
        )),
        configuration: vec![
            ConfigurationDifference {
                difference: difference("env:GOPATH", Some("/go"), None),
                declared_by: Some("split-go".to_string()),
            },
            ConfigurationDifference {
                difference: difference("user", None, Some("65532")),
                declared_by: None,
            },
        ],
        behaviour: vec![
            check("exit status", "0", "1", Comparison::Differs),
            check("output", "3 lines", "nothing", Comparison::Differs),
        ],
        opened: Some(Opened {
            opened: 12,
            missing: vec!["/usr/share/zoneinfo/Europe/Oslo".to_string()],
            unknown: None,
        }),
        failures: vec![
            Finding {
                about: About::Behaviour,
                message: "exit status: 0 before, 1 after".to_string(),
                log: Some(
                    "panic: unknown time zone <Europe/Oslo>\ngoroutine 1 [running]:".to_string(),
                ),
            },
            Finding {
                about: About::Configuration,
                message: "user: (not set) → 65532".to_string(),
                log: None,
            },
        ],
        warnings: vec!["the original opens 1 file that the rewritten image lacks".to_string()],
        ..Verification::of("clock/Dockerfile", Verdict::Different)
    }
}

/// The original does not build.
pub fn incomparable() -> Verification {
    Verification {
        engine: Some("docker 28.2.2".to_string()),
        reason: Some("the original does not build: nothing can be compared\nthe build failed in the step [3/5] RUN make\nmake: *** [all] Error 1".to_string()),
        ..Verification::of("old/Dockerfile", Verdict::Incomparable)
    }
}

/// No rule changes it.
pub fn unchanged() -> Verification {
    Verification::of("plain/Dockerfile", Verdict::Unchanged)
}
