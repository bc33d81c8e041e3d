//! How fast Dockerfiles are read, in bytes a second. With DOCKOPT_CORPUS the files of the corpus are read,
//! without it a small file of many kinds of instructions.

use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dockopt::syntax::Dockerfile;

const SMALL: &str = r#"# syntax=docker/dockerfile:1
ARG NODE=22
FROM --platform=$BUILDPLATFORM node:${NODE}-bookworm AS build
WORKDIR /app
# dependencies first
COPY --chown=node:node package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci \
    # only what the build needs
    && npm cache clean --force
COPY . .
RUN <<EOF
npm run build
npm prune --omit=dev
EOF

FROM node:${NODE}-bookworm-slim
ENV NODE_ENV=production PATH="/app/bin:$PATH"
COPY --from=build ["/app", "/app"]
EXPOSE 3000
HEALTHCHECK --interval=30s CMD wget -qO- localhost:3000/health
CMD ["node", "server.js"]
"#;

/// All files, one after the other in one buffer, so that the heap holds nothing else.
fn corpus(folder: &Path) -> std::io::Result<(Vec<u8>, Vec<usize>)> {
    let file = std::fs::File::open(folder.join("dockerfiles.tar.gz"))?;
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(file));
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for entry in archive.entries()? {
        entry?.read_to_end(&mut bytes)?;
        ends.push(bytes.len());
    }
    Ok((bytes, ends))
}

fn parse(criterion: &mut Criterion) {
    let folder = std::env::var_os("DOCKOPT_CORPUS");
    let files = folder.and_then(|folder| corpus(Path::new(&folder)).ok());
    let (bytes, ends) = files.unwrap_or_else(|| (SMALL.as_bytes().to_vec(), vec![SMALL.len()]));
    let mut group = criterion.benchmark_group("syntax");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.sample_size(20);
    group.bench_function(format!("parse {} files", ends.len()), |bencher| {
        bencher.iter(|| {
            let mut start = 0;
            for &end in &ends {
                let _ = black_box(Dockerfile::parse_bytes(&bytes[start..end]));
                start = end;
            }
        });
    });
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
