//! The program: hands over to the library and ends with its exit code.

fn main() -> std::process::ExitCode {
    qroll::cli::main()
}
