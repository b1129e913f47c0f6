//! What the process asks of the system before it does anything.

/// Prepares the process. Must be called before it starts a thread.
pub(super) fn prepare() {
    #[cfg(target_os = "linux")]
    silence_device_selection();
    #[cfg(windows)]
    attach_console();
}

/// Mesa's Vulkan layer for choosing a graphics card asks the Wayland compositor which one it uses, and
/// complains on standard error if it has nowhere to look. Taglens chooses by itself.
#[cfg(target_os = "linux")]
fn silence_device_selection() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none_or(|folder| folder.is_empty()) {
        // SAFETY: no other thread runs yet that could read the environment.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

/// A program with a window gets no console from Windows, so its output goes to the console that it
/// was started from, if there is one.
#[cfg(windows)]
fn attach_console() {
    use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};
    // SAFETY: the function has no preconditions; without a console it fails, and nothing is lost.
    unsafe { AttachConsole(ATTACH_PARENT_PROCESS) };
}
