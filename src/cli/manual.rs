//! `taglens completions` and `taglens man`, generated from the definitions of the options.

use std::io::{self, Write};

use anyhow::Result;
use clap::Command;
use clap_complete::Shell;

use crate::cli::Outcome;
use crate::cli::options;

/// Writes completions for a shell.
pub(crate) fn completions(shell: Shell) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut options::command(), "taglens", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Outcome::Done)
}

/// Writes the manual page: the program, then a section for each command.
pub(crate) fn man() -> Result<Outcome> {
    let mut command = options::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    let manual = clap_mangen::Man::new(command.clone());
    manual.render(&mut page)?;
    for inner in command.get_subcommands() {
        section(inner, &format!("taglens {}", inner.get_name()), &mut page)?;
    }
    io::stdout().lock().write_all(&page)?;
    Ok(Outcome::Done)
}

fn section(command: &Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
    let manual = clap_mangen::Man::new(command.clone());
    manual.render_description_section(page)?;
    let own = |a: &clap::Arg| !a.is_global_set() && !a.is_hide_set();
    if command.get_arguments().any(own) {
        let mut local = command.clone();
        let shared: Vec<_> = local
            .get_arguments()
            .filter(|a| !own(a))
            .map(|a| a.get_id().clone())
            .collect();
        for id in shared {
            local = local.mut_arg(id, |a| a.hide(true));
        }
        clap_mangen::Man::new(local).render_options_section(page)?;
    }
    if let Some(examples) = command.get_after_long_help() {
        writeln!(page, ".SS Examples\n.nf")?;
        for line in examples.to_string().lines().skip(1) {
            // A backslash and a point at the start have a meaning of their own.
            writeln!(page, "\\&{}", line.replace('\\', "\\e"))?;
        }
        writeln!(page, ".fi")?;
    }
    for inner in command.get_subcommands() {
        section(inner, &format!("{name} {}", inner.get_name()), page)?;
    }
    Ok(())
}
