//! The messages for files that cannot be fetched.

use super::address::Address;
use super::answer::Head;
use super::{Hub, Wanted};
use crate::model_store::error::{ByHand, ModelStoreError};

impl Hub<'_> {
    fn by_hand(&self, file: &str) -> Box<ByHand> {
        Box::new(ByHand {
            url: self.url(file),
            file: file.to_owned(),
            name: self.model.to_owned(),
            together: self.required.clone(),
        })
    }

    /// Refuses an answer that is neither a file nor a redirect.
    pub(super) fn check_status(
        &self,
        file: &str,
        head: &Head,
        url: &Address,
        is_hub: bool,
    ) -> Result<(), ModelStoreError> {
        let status = head.status;
        match status {
            200 | 206 => Ok(()),
            _ if head.is_redirect() => Ok(()),
            401 | 403 if is_hub => Err(ModelStoreError::Refused {
                url: self.url(file),
                status,
                by_hand: self.by_hand(file),
            }),
            404 if is_hub => Err(ModelStoreError::NotFound {
                url: self.url(file),
                by_hand: self.by_hand(file),
            }),
            400.. => {
                let reason = format!("HTTP {status} from {}", url.host());
                Err(self.unreachable(file, reason))
            }
            _ => Err(self.answer(file, &format!("HTTP {status}"))),
        }
    }

    pub(super) fn offline(&self, file: &str) -> ModelStoreError {
        ModelStoreError::Offline {
            url: self.url(file),
            cache: self.options.cache.clone(),
            by_hand: self.by_hand(file),
        }
    }

    pub(super) fn unreachable(&self, file: &str, reason: String) -> ModelStoreError {
        ModelStoreError::Unreachable {
            url: self.url(file),
            reason,
            by_hand: self.by_hand(file),
        }
    }

    pub(super) fn stalled(&self, file: &str) -> ModelStoreError {
        ModelStoreError::Stalled {
            url: self.url(file),
            seconds: self.options.stall_timeout.as_secs(),
            by_hand: self.by_hand(file),
        }
    }

    pub(super) fn answer(&self, file: &str, reason: &str) -> ModelStoreError {
        ModelStoreError::Answer {
            url: self.url(file),
            reason: reason.to_owned(),
            by_hand: self.by_hand(file),
        }
    }

    pub(super) fn changed(
        &self,
        wanted: &Wanted<'_>,
        what: &'static str,
        found: &str,
        expected: &str,
    ) -> ModelStoreError {
        let (known_from, advice) = wanted.known_from;
        ModelStoreError::Changed {
            url: self.url(wanted.name),
            known_from: known_from.into(),
            what,
            found: found.into(),
            expected: expected.into(),
            advice: advice.into(),
        }
    }
}
