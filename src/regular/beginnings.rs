//! What the matches of a regular expression begin with. The build script asks this as well.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;

/// Parses; `^` and `$` are the ends of the text, or with `lines` of a line. Classes mean ASCII but for one of Unicode
/// (`\p{L}`).
///
/// # Errors
/// The message of the parser.
pub fn parse(pattern: &str, lines: bool) -> Result<Hir, String> {
    let parse = |unicode| {
        let mut parser = ParserBuilder::new();
        let parser = parser.multi_line(lines).unicode(unicode).utf8(false);
        let parsed = parser.build().parse(pattern);
        parsed.map_err(|error| error.to_string())
    };
    parse(false).or_else(|_| parse(true))
}

/// What every match has near its beginning: one of these; nothing where that cannot be said.
///
/// Of `["'](?:npm|yarn)` these are `npm` and `yarn`: fewer than all beginnings, and none that has another in it.
pub fn beginnings(parsed: &Hir) -> Vec<String> {
    let found = Extractor::new().extract(parsed);
    let texts = found.literals().unwrap_or_default().iter().map(|literal| {
        let text = std::str::from_utf8(literal.as_bytes()).ok();
        text.filter(|text| !text.is_empty()).map(core)
    });
    let Some(mut texts) = texts.collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    texts.sort_unstable_by_key(|text| (text.len(), *text));
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.iter().any(|shorter| text.contains(shorter.as_str())) {
            kept.push(text.to_owned());
        }
    }
    kept
}

/// The text without quotes, blanks and brackets around it, where enough is left to look for.
fn core(text: &str) -> &str {
    let part_of_name = |sign: char| sign.is_alphanumeric() || "_-.@/".contains(sign);
    match text.trim_matches(|sign| !part_of_name(sign)) {
        core if core.len() >= 3 => core,
        _ => text,
    }
}
