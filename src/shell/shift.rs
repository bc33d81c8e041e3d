//! A script that stands elsewhere in the source now.

use super::types::{Assignment, Command, Item, Opaque, Redirect, Script, Word};

impl Script {
    /// Moves every span by `by` bytes.
    pub fn shift(&mut self, by: isize) {
        let Self {
            commands,
            opaque,
            items,
            flat: _,
            medium: _,
            shebang: _,
        } = self;
        commands.iter_mut().for_each(|command| command.shift(by));
        if let Some(Opaque { span, reason: _ }) = opaque {
            span.shift(by);
        }
        for Item {
            span, connector, ..
        } in items
        {
            span.shift(by);
            connector.shift(by);
        }
    }
}

impl Command {
    fn shift(&mut self, by: isize) {
        self.span.shift(by);
        self.words.iter_mut().for_each(|word| word.shift(by));
        for Assignment { span, value, .. } in &mut self.assignments {
            span.shift(by);
            value.shift(by);
        }
        for Redirect { span, target, .. } in &mut self.redirects {
            span.shift(by);
            target.iter_mut().for_each(|target| target.shift(by));
        }
    }
}

impl Word {
    fn shift(&mut self, by: isize) {
        self.span.shift(by);
    }
}
