//! The `inboxqa` binary: everything is in the library's `cli`.

fn main() -> std::process::ExitCode {
    inboxqa::cli::main()
}
