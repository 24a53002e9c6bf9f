//! Logs: through `tracing` to the standard error, for people on a terminal and as JSON elsewhere. The messages of
//! libraries that use `log` arrive here as well.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, IsTerminal};
use std::panic::PanicHookInfo;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::json_line::JsonLine;
use crate::log_queue::{LogQueue, LogThread};
use crate::settings::{LogFormat, LogSettings};

/// Starts logging and has panics logged as well. Once for each process; to be dropped at its end.
///
/// # Errors
/// If logging was started before, or its thread cannot be started.
pub fn init(settings: &LogSettings) -> io::Result<LogThread> {
    let is_terminal = io::stderr().is_terminal();
    let (queue, thread) = LogQueue::start(io::stderr())?;
    let layer = if is_json(settings.format, is_terminal) { json(queue) } else { pretty(queue, is_terminal) };
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(settings.level.targets()));
    subscriber.try_init().map_err(io::Error::other)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(thread)
}

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

fn is_json(format: LogFormat, is_terminal: bool) -> bool {
    match format {
        LogFormat::Auto => !is_terminal,
        LogFormat::Pretty => false,
        LogFormat::Json => true,
    }
}

/// One JSON object for each line, with the fields of the message beside its level and time.
fn json<W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static>(writer: W) -> BoxedLayer {
    fmt::layer().json().event_format(JsonLine::default()).with_writer(writer).boxed()
}

/// One line for each message, in colours on a terminal (unless `NO_COLOR` is set).
fn pretty<W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static>(
    writer: W,
    is_terminal: bool,
) -> BoxedLayer {
    let layer = fmt::layer().compact().with_writer(writer);
    if is_terminal { layer.boxed() } else { layer.with_ansi(false).boxed() }
}

fn log_panic(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string).unwrap_or_default();
    // Captured if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tell_panic(info.payload_as_str().unwrap_or("(no text)"), &location, backtrace.as_deref());
}

fn tell_panic(message: &str, location: &str, backtrace: Option<&str>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    tracing::error!(location, thread, backtrace, "panic: {message}");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written while `log` runs.
    fn logged(layer: impl FnOnce(Buffer) -> BoxedLayer, level: &str, log: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let level: crate::settings::LogLevel = level.parse().unwrap();
        let subscriber =
            tracing_subscriber::registry().with(layer(buffer.clone()).with_filter(level.targets()));
        tracing::subscriber::with_default(subscriber, log);
        String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
    }

    fn json_layer(buffer: Buffer) -> BoxedLayer {
        json(move || buffer.clone())
    }

    #[test]
    fn auto_is_json_unless_on_a_terminal() {
        assert!(is_json(LogFormat::Auto, false) && !is_json(LogFormat::Auto, true));
        assert!(is_json(LogFormat::Json, true) && !is_json(LogFormat::Pretty, false));
    }

    #[test]
    fn json_lines_hold_the_fields_of_the_message() {
        let text = logged(json_layer, "info", || {
            tracing::info!(status = 200, "request done");
            tracing::debug!("not wanted");
            tracing::info!(target: "actix_server::worker", "not wanted");
        });
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(line["message"], "request done");
        assert_eq!((&line["status"], &line["level"]), (&200.into(), &"INFO".into()));
    }

    #[test]
    fn lines_of_requests_look_like_all_others() {
        macro_rules! log_to {
            ($target:expr) => {
                tracing::info!(target: $target, id = "a", method = %"GET", path = "/\"\\\u{7}\u{20ac}", status = 200_u16,
                    client = None::<u8>, delta = -1, is_tls = true, "request")
            };
        }
        let text = logged(json_layer, "info", || {
            log_to!(crate::middleware::ACCESS);
            log_to!("taglink_http::other");
        });
        let without_time =
            |line: &str| line.split_once(",\"level\"").unwrap().1.replace("::access", "::other");
        let lines: Vec<String> = text.lines().map(without_time).collect();
        assert_eq!(lines[0], lines[1]);
        let timestamp = text.split('"').nth(3).unwrap();
        assert!(
            timestamp.ends_with('Z') && timestamp.len() == "2026-01-31T12:00:00.000000Z".len(),
            "{timestamp}"
        );
    }

    #[test]
    fn pretty_lines_have_no_colours_off_the_terminal() {
        let text = logged(|buffer| pretty(move || buffer.clone(), false), "info", || tracing::warn!("slow"));
        assert!(text.contains(" WARN ") && text.contains("slow") && !text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn a_panic_is_logged_with_its_place() {
        let text = logged(json_layer, "info", || tell_panic("out of cheese", "src/shop.rs:1:2", None));
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["message"], &line["level"]), (&"panic: out of cheese".into(), &"ERROR".into()));
        assert_eq!((&line["location"], line.get("backtrace")), (&"src/shop.rs:1:2".into(), None));
    }
}
