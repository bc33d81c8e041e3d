//! How long one rewrite takes: the rules alone, a file that nothing applies to, a split with its build context, and with
//! DOCKOPT_CORPUS every file of the corpus.

use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dockopt::engine::{Options, optimize};
use dockopt::facts::{DirectoryContext, NoContext};
use dockopt::rule::RuleSet;

const PLAIN: &str = "FROM scratch\nCOPY app /\nENTRYPOINT [\"/app\"]\n";

fn rewrite(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    group.bench_function("load the rules", |bencher| {
        bencher.iter(|| black_box(RuleSet::embedded()));
    });
    let options = Options::default();
    group.bench_function("load the rules and leave a file alone", |bencher| {
        bencher.iter(|| {
            let rules = RuleSet::embedded();
            optimize(black_box(PLAIN), &NoContext, &rules, &options).ok()
        });
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/nestjs-npm");
    let dockerfile = folder.join("Dockerfile");
    let text = std::fs::read_to_string(&dockerfile).unwrap_or_default();
    group.bench_function("load the rules and split fixtures/nestjs-npm", |bencher| {
        bencher.iter(|| {
            let rules = RuleSet::embedded();
            let context = DirectoryContext::new(&folder, &dockerfile);
            optimize(black_box(&text), &context, &rules, &options).ok()
        });
    });
    if let Some(files) = corpus() {
        group.throughput(Throughput::Elements(files.len() as u64));
        group.sample_size(10);
        let rules = RuleSet::embedded();
        group.bench_function("the corpus, one thread", |bencher| {
            bencher.iter(|| {
                for text in &files {
                    let _ = black_box(optimize(text, &NoContext, &rules, &options));
                }
            });
        });
    }
    group.finish();
}

/// The files of the corpus that are text.
fn corpus() -> Option<Vec<String>> {
    let folder = std::env::var_os("DOCKOPT_CORPUS")?;
    let file = std::fs::File::open(Path::new(&folder).join("dockerfiles.tar.gz")).ok()?;
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(file));
    let mut files = Vec::new();
    for entry in archive.entries().ok()? {
        let mut text = String::new();
        if entry.ok()?.read_to_string(&mut text).is_ok() {
            files.push(text);
        }
    }
    Some(files)
}

criterion_group!(benches, rewrite);
criterion_main!(benches);
