//! Log lines wait in memory for a thread of their own, which writes them: a reader that stalls delays no request and no
//! shutdown. Lines that do not fit are dropped, and their number is logged.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How many bytes may wait to be written: some thousand lines. As many again may be in the middle of a write.
const CAPACITY: usize = 2 * 1024 * 1024;

/// How much memory an empty queue keeps for the next lines, in bytes: those of 10 ms under load.
const RETAINED: usize = 512 * 1024;

/// For how long lines are collected, so that many of them are written at once.
const COLLECTING: Duration = Duration::from_millis(10);

/// How long the end of the process waits for a reader.
const PATIENCE: Duration = Duration::from_secs(1);

/// The lines that wait. Writing to a reference of it never blocks.
#[derive(Default)]
pub struct LogQueue {
    pending: Mutex<Pending>,
    has_changed: Condvar,
}

#[derive(Default)]
struct Pending {
    text: Vec<u8>,
    /// Lines that did not fit, since the start.
    dropped: u64,
    is_closed: bool,
    /// Everything was written after the closing.
    is_finished: bool,
}

/// Ends the thread when it is dropped, and waits until the lines are written, but not for ever.
#[must_use = "the thread ends with it"]
pub struct LogThread(Arc<LogQueue>);

impl LogQueue {
    /// Starts the thread that writes to `out`.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<(Arc<Self>, LogThread)> {
        let queue = Arc::new(Self::default());
        let writer = Arc::clone(&queue);
        thread::Builder::new().name("log".to_owned()).spawn(move || writer.write_to(out))?;
        Ok((Arc::clone(&queue), LogThread(queue)))
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what comes, until the queue is closed and empty.
    fn write_to(&self, mut out: impl Write) {
        let (mut text, mut reported) = (Vec::new(), 0);
        loop {
            let pending = self.lock();
            let has_nothing = |pending: &mut Pending| pending.text.is_empty() && !pending.is_closed;
            let pending =
                self.has_changed.wait_while(pending, has_nothing).unwrap_or_else(PoisonError::into_inner);
            let is_open = |pending: &mut Pending| !pending.is_closed;
            let collected = self.has_changed.wait_timeout_while(pending, COLLECTING, is_open);
            let (mut pending, _) = collected.unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut text, &mut pending.text);
            if text.is_empty() {
                pending.is_finished = true;
                self.has_changed.notify_all();
                return;
            }
            let dropped = pending.dropped;
            drop(pending);
            // Nobody is left to be informed of a failure.
            drop(out.write_all(&text).and_then(|()| out.flush()));
            text.clear();
            text.shrink_to(RETAINED);
            if dropped > reported {
                tracing::warn!(
                    dropped,
                    "log lines were not read in time and were dropped, so many since the start"
                );
                reported = dropped;
            }
        }
    }
}

impl Write for &LogQueue {
    /// Takes the line or drops it, but says that it was written: whoever logs has nothing else to do in either case.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut pending = self.lock();
        if pending.text.len().saturating_add(line.len()) > CAPACITY {
            pending.dropped += 1;
            return Ok(line.len());
        }
        let was_empty = pending.text.is_empty();
        pending.text.extend_from_slice(line);
        drop(pending);
        if was_empty {
            self.has_changed.notify_all();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogThread {
    fn drop(&mut self) {
        let mut pending = self.0.lock();
        pending.is_closed = true;
        self.0.has_changed.notify_all();
        let is_busy = |pending: &mut Pending| !pending.is_finished;
        drop(self.0.has_changed.wait_timeout_while(pending, PATIENCE, is_busy));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Lets a write go on only when the test agrees; hands the text over then.
    struct SlowReader {
        permits: Receiver<()>,
        texts: Sender<String>,
    }

    impl Write for SlowReader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.permits.recv();
            let _ = self.texts.send(String::from_utf8(bytes.to_vec()).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn started() -> (Arc<LogQueue>, LogThread, Sender<()>, Receiver<String>) {
        let ((permit, permits), (texts, written)) = (channel(), channel());
        let (queue, thread) = LogQueue::start(SlowReader { permits, texts }).unwrap();
        (queue, thread, permit, written)
    }

    #[test]
    fn all_lines_are_written_in_their_order_before_the_end() {
        let (queue, thread, permit, written) = started();
        drop(permit);
        for number in 0..1000 {
            writeln!(&*queue, "line {number}").unwrap();
        }
        drop(thread);
        let text: String = written.try_iter().collect();
        assert_eq!(text.lines().count(), 1000);
        assert!(text.starts_with("line 0\n") && text.ends_with("line 999\n"));
    }

    #[test]
    fn lines_that_do_not_fit_are_dropped_and_counted() {
        let (queue, thread, permit, written) = started();
        let line = vec![b'x'; CAPACITY / 4];
        // One write may be in progress with four of them; four more wait.
        for _ in 0..20 {
            (&mut &*queue).write_all(&line).unwrap();
        }
        let dropped = queue.lock().dropped;
        assert!((12..=16).contains(&dropped), "{dropped}");
        drop(permit);
        drop(thread);
        let bytes: usize = written.try_iter().map(|text| text.len()).sum();
        assert_eq!(bytes, (20 - usize::try_from(dropped).unwrap()) * line.len());
    }

    #[test]
    fn the_end_does_not_wait_for_ever_for_a_reader() {
        let (queue, thread, permit, written) = started();
        writeln!(&*queue, "unread").unwrap();
        drop(thread);
        assert!(written.try_recv().is_err());
        drop(permit);
    }
}
