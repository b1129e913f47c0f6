//! Messages to the user, and failures.

use crate::app::messages::message::Message;
use crate::app::messages::scale_report::ScaleReport;
use crate::core::text;
use crate::store::Failure;

/// The most messages to keep.
const KEPT: usize = 200;

/// Messages and failures.
#[derive(Debug, Default)]
pub struct MessageLog {
    /// The messages, latest last.
    pub list: Vec<Message>,
    /// The number of unread ones.
    pub(crate) unread: usize,
    /// Photos that cannot be read.
    pub(crate) failures: Vec<Failure>,
    /// The last adjustment of tags to the library.
    pub scale: Option<ScaleReport>,
}

impl MessageLog {
    /// Keeps a message as a sentence, unless it repeats the last. Errors and notices come as they stand
    /// in a log, in lower case.
    pub(crate) fn tell(&mut self, message: Message) {
        let text = text::sentence(&message.text);
        let message = Message { text, ..message };
        if self.list.last() == Some(&message) {
            return;
        }
        self.list.push(message);
        if self.list.len() > KEPT {
            self.list.remove(0);
        }
        self.unread = (self.unread + 1).min(self.list.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::messages::message::Severity;

    #[test]
    fn the_latest_are_kept_and_none_twice_in_a_row() {
        let mut log = MessageLog::default();
        let message = |text: String| Message {
            severity: Severity::Info,
            text,
        };
        log.tell(message("a".into()));
        log.tell(message("a".into()));
        assert_eq!((log.list.len(), log.unread), (1, 1));
        for i in 0..KEPT + 5 {
            log.tell(message(i.to_string()));
        }
        assert_eq!((log.list.len(), log.unread), (KEPT, KEPT));
        assert_eq!(log.list[0].text, "5");
    }
}
