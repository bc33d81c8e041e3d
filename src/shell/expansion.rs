//! Which variables and commands a word expands.

use shuck_ast as ast;

/// What is found inside a word.
#[derive(Default)]
pub(super) struct Found<'a> {
    /// Names of expanded variables, in order.
    pub variables: Vec<String>,
    /// `$( … )`, backticks and `<( … )`, in order.
    pub bodies: Vec<Body<'a>>,
}

/// A substitution: its commands, and where it stands with its brackets.
pub(super) struct Body<'a> {
    pub commands: &'a ast::StmtSeq,
    pub range: (usize, usize),
    pub backtick: bool,
}

impl<'a> Found<'a> {
    pub fn word(&mut self, word: &'a ast::Word) {
        self.parts(&word.parts);
    }

    fn parts(&mut self, parts: &'a [ast::WordPartNode]) {
        for part in parts {
            self.part(part);
        }
    }

    fn part(&mut self, node: &'a ast::WordPartNode) {
        use ast::WordPart as Part;
        match &node.kind {
            Part::Literal(_) | Part::ZshQualifiedGlob(_) | Part::SingleQuoted { .. } => {}
            Part::DoubleQuoted { parts, .. } => self.parts(parts),
            Part::Variable(name) => self.variables.push(name.as_str().to_owned()),
            Part::CommandSubstitution { body, syntax } => {
                let backtick = *syntax == ast::CommandSubstitutionSyntax::Backtick;
                self.body(body, node.span, backtick);
            }
            Part::ProcessSubstitution { body, .. } => self.body(body, node.span, false),
            Part::ArithmeticExpansion {
                expression_word_ast,
                ..
            } => self.word(expression_word_ast),
            Part::Parameter(parameter) => {
                if let Some(parameter) = parameter.bourne() {
                    self.parameter(parameter);
                }
            }
            Part::ParameterExpansion {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.reference(reference);
                self.operator(operator);
                self.maybe(operand_word_ast.as_deref());
            }
            Part::IndirectExpansion {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.reference(reference);
                if let Some(operator) = operator {
                    self.operator(operator);
                }
                self.maybe(operand_word_ast.as_deref());
            }
            Part::Length(reference)
            | Part::ArrayAccess(reference)
            | Part::ArrayLength(reference)
            | Part::ArrayIndices(reference)
            | Part::Transformation { reference, .. } => self.reference(reference),
            Part::Substring {
                reference,
                offset_word_ast,
                length_word_ast,
                ..
            }
            | Part::ArraySlice {
                reference,
                offset_word_ast,
                length_word_ast,
                ..
            } => {
                self.reference(reference);
                self.word(offset_word_ast);
                self.maybe(length_word_ast.as_deref());
            }
            Part::PrefixMatch { prefix, .. } => {
                self.variables.push(format!("{}*", prefix.as_str()))
            }
        }
    }

    fn parameter(&mut self, parameter: &'a ast::BourneParameterExpansion) {
        use ast::BourneParameterExpansion as Form;
        match parameter {
            Form::Access { reference }
            | Form::Length { reference }
            | Form::Indices { reference }
            | Form::Transformation { reference, .. } => self.reference(reference),
            Form::Indirect {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.reference(reference);
                if let Some(operator) = operator {
                    self.operator(operator);
                }
                self.maybe(operand_word_ast.as_deref());
            }
            Form::PrefixMatch { prefix, .. } => {
                self.variables.push(format!("{}*", prefix.as_str()))
            }
            Form::Slice {
                reference,
                offset_word_ast,
                length_word_ast,
                ..
            } => {
                self.reference(reference);
                self.word(offset_word_ast);
                self.maybe(length_word_ast.as_deref());
            }
            Form::Operation {
                reference,
                operator,
                operand_word_ast,
                ..
            } => {
                self.reference(reference);
                self.operator(operator);
                self.maybe(operand_word_ast.as_deref());
            }
        }
    }

    fn operator(&mut self, operator: &'a ast::ParameterOp) {
        use ast::ParameterOp as Op;
        match operator {
            Op::RemovePrefixShort { pattern }
            | Op::RemovePrefixLong { pattern }
            | Op::RemoveSuffixShort { pattern }
            | Op::RemoveSuffixLong { pattern } => self.pattern(pattern),
            Op::ReplaceFirst {
                pattern,
                replacement_word_ast,
                ..
            }
            | Op::ReplaceAll {
                pattern,
                replacement_word_ast,
                ..
            } => {
                self.pattern(pattern);
                self.word(replacement_word_ast);
            }
            _ => {}
        }
    }

    pub fn pattern(&mut self, pattern: &'a ast::Pattern) {
        for part in &pattern.parts {
            match &part.kind {
                ast::PatternPart::Word(word) => self.word(word),
                ast::PatternPart::Group { patterns, .. } => {
                    for pattern in patterns {
                        self.pattern(pattern);
                    }
                }
                _ => {}
            }
        }
    }

    fn reference(&mut self, reference: &'a ast::VarRef) {
        self.variables.push(reference.name.as_str().to_owned());
        if let Some(word) = reference
            .subscript
            .as_deref()
            .and_then(ast::Subscript::word_ast)
        {
            self.word(word);
        }
    }

    fn maybe(&mut self, word: Option<&'a ast::Word>) {
        if let Some(word) = word {
            self.word(word);
        }
    }

    pub fn assignment(&mut self, value: &'a ast::AssignmentValue) {
        match value {
            ast::AssignmentValue::Scalar(word) => self.word(word),
            ast::AssignmentValue::Compound(array) => {
                for element in &array.elements {
                    self.word(&element.value().word);
                }
            }
        }
    }

    pub fn heredoc(&mut self, body: &'a ast::HeredocBody) {
        use ast::HeredocBodyPart as Part;
        for part in &body.parts {
            match &part.kind {
                Part::Literal(_) => {}
                Part::Variable(name) => self.variables.push(name.as_str().to_owned()),
                Part::CommandSubstitution { body, syntax } => {
                    let backtick = *syntax == ast::CommandSubstitutionSyntax::Backtick;
                    self.body(body, part.span, backtick);
                }
                Part::ArithmeticExpansion {
                    expression_word_ast,
                    ..
                } => self.word(expression_word_ast),
                Part::Parameter(parameter) => {
                    if let Some(parameter) = parameter.bourne() {
                        self.parameter(parameter);
                    }
                }
            }
        }
    }

    /// The words and substitutions of `[[ … ]]`.
    pub fn conditional(&mut self, expression: &'a ast::ConditionalExpr) {
        use ast::ConditionalExpr as Expr;
        match expression {
            Expr::Binary(binary) => {
                self.conditional(&binary.left);
                self.conditional(&binary.right);
            }
            Expr::Unary(unary) => self.conditional(&unary.expr),
            Expr::Parenthesized(inner) => self.conditional(&inner.expr),
            Expr::Word(word) | Expr::Regex(word) => self.word(word),
            Expr::Pattern(pattern) => self.pattern(pattern),
            Expr::VarRef(reference) => self.reference(reference),
        }
    }

    fn body(&mut self, commands: &'a ast::StmtSeq, span: ast::Span, backtick: bool) {
        let range = (span.start.offset(), span.end.offset());
        self.bodies.push(Body {
            commands,
            range,
            backtick,
        });
    }
}
