//! The binary as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long anything may take that should be quick.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn taglink(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taglink"));
    command.current_dir(folder).env_clear().env("TAGLINK__SERVER__PORT", "0").stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    taglink(folder).args(arguments).envs(variables.iter().copied()).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn failure(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// `taglink serve`, listening.
pub(crate) struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    log: Option<mpsc::Receiver<String>>,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let (_, at_once) = mpsc::channel();
        Self::start_with_reader(command, at_once)
    }

    /// Nobody reads the log before the sender is dropped.
    pub(crate) fn start_with_reader(command: &mut Command, reads: mpsc::Receiver<()>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut log = child.stderr.take().unwrap();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = reads.recv();
            drop(log.read_to_string(&mut text));
            drop(sender.send(text));
        });
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let Some((_, address)) = line.trim().split_once("http://") else {
            panic!("no address in {line:?}; log: {:?}", receiver.recv_timeout(PATIENCE))
        };
        Self { child, output, log: Some(receiver), address: address.to_owned() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next line on the standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Waits for the end; also what it logged.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.end();
        let log = self.log.take().unwrap().recv_timeout(PATIENCE).unwrap();
        (status, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
