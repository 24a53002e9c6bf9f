//! The `taglink` binary; what it does stands in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    taglink_http::cli::main()
}
