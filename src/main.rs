//! The command line of regimen: see [`regimen::cli`].

fn main() -> std::process::ExitCode {
    regimen::cli::main()
}
