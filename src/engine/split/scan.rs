//! temporary
use crate::facts::{Context, Source, Tri};
pub struct Scan {
    pub literals: Vec<(String, Source)>,
    pub paths: Vec<PathUse>,
    pub dynamic: Vec<Dynamic>,
    pub imports: Vec<Import>,
    pub commands: Vec<Spawned>,
}
pub struct PathUse {
    pub path: String,
    pub literal: String,
    pub source: Source,
}
pub struct Dynamic {
    pub call: String,
    pub source: Source,
}
pub struct Import {
    pub package: String,
    pub type_only: bool,
    pub source: Source,
}
pub struct Spawned {
    pub name: String,
    pub source: Source,
}
pub fn scan(context: &dyn Context, _files: &[String], _except: &[String]) -> Tri<Scan> {
    match context.files() {
        Ok(_) => Tri::Present(Scan {
            literals: vec![],
            paths: vec![],
            dynamic: vec![],
            imports: vec![],
            commands: vec![],
        }),
        Err(e) => Tri::Unknown(e),
    }
}
