//! Keeps the program alive when a C interface panics.
//!
//! A decoder that was written in C and then translated still has functions of C's kind. No panic gets
//! out of these: instead, the process ends. But before that, the panic hook runs. Here it reports the
//! panic to whoever waits for the thread, and then never returns, so that only the thread is lost.

use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::Builder;

/// The most threads that may be lost, as each keeps its memory.
const MOST_LOST: usize = 8;

static LOST: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

/// Tells the waiting thread why this one is lost.
type LastWords = Box<dyn FnOnce(String)>;

thread_local! {
    static LAST_WORDS: RefCell<Option<LastWords>> = const { RefCell::new(None) };
}

/// Runs work that may panic inside a C interface on a thread of its own.
///
/// Nothing may replace the panic hook after the first call: a lost thread holds it.
///
/// # Errors
/// The panic's message, or why there is no thread.
pub(crate) fn survived<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    if LOST.load(Ordering::Relaxed) >= MOST_LOST {
        return Err("it has failed too often; start the program again".to_owned());
    }
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| report(panic, &usual)));
    });
    let (sender, receiver) = sync_channel(1);
    let of_panic: SyncSender<Result<T, String>> = sender.clone();
    let run = move || {
        let say = Box::new(move |reason| drop(of_panic.send(Err(reason))));
        LAST_WORDS.with(|words| *words.borrow_mut() = Some(say));
        let done = work();
        LAST_WORDS.with(|words| drop(words.take()));
        drop(sender.send(Ok(done)));
    };
    let thread = Builder::new().name(name.to_owned()).spawn(run);
    let thread = thread.map_err(|error| format!("no thread could be started: {error}"))?;
    let done = receiver
        .recv()
        .unwrap_or_else(|error| Err(error.to_string()));
    if done.is_ok() {
        drop(thread.join());
    }
    done
}

fn report(panic: &PanicHookInfo<'_>, usual: &dyn Fn(&PanicHookInfo<'_>)) {
    let words = LAST_WORDS.try_with(|words| words.try_borrow_mut().ok()?.take());
    let Ok(Some(say)) = words else {
        return usual(panic);
    };
    let text = panic.payload();
    let reason = text.downcast_ref::<String>().map(String::as_str);
    let reason = reason.or_else(|| text.downcast_ref::<&str>().copied());
    LOST.fetch_add(1, Ordering::Relaxed);
    say(reason.unwrap_or("no reason given").to_owned());
    loop {
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn of_c(index: usize) -> u8 {
        let table = [1_u8, 2, 3];
        table[std::hint::black_box(index)]
    }

    /// The status of a process in which all was as expected.
    const AS_EXPECTED: i32 = 7;

    #[test]
    fn a_panic_inside_a_c_interface_ends_no_program() {
        // In a process of its own, as the lost thread keeps the panic hook.
        let name = "core::last_words::tests::in_a_process_of_its_own";
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--ignored"])
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(AS_EXPECTED), "{run:?}");
    }

    #[test]
    #[ignore = "the test above runs it"]
    fn in_a_process_of_its_own() {
        let as_expected = survived("test", || of_c(2)) == Ok(3)
            && survived("test", || of_c(7)).is_err_and(|reason| reason.contains("index"))
            && survived("test", || of_c(0)) == Ok(1);
        // The test program's end would wait for the panic hook.
        std::process::exit(if as_expected { AS_EXPECTED } else { 1 });
    }
}
