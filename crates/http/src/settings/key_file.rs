//! The secret key that is made once and kept beside an SQLite database.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// How long a key is in bytes; it is written with twice as many hexadecimal digits.
const KEY_BYTES: usize = 32;

/// How long a process waits for another one that is just writing the key.
const PATIENCE: Duration = Duration::from_secs(2);

/// The file `<database>.key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
}

/// Why there is no key from a file.
#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error("cannot {action} the key file {}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "the key file {path} may be read by others (mode {mode:04o}); if nobody has done so, run `chmod 600 {path}`, \
         otherwise remove it: a new one is made, and everybody has to log in again",
        path = .path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error(
        "the key file {path} is empty or damaged; restore it from a backup, or remove it: a new one is made, and \
         everybody has to log in again",
        path = .path.display()
    )]
    Damaged { path: PathBuf },
    #[error("the operating system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl KeyFile {
    /// The key file of an SQLite database.
    #[must_use]
    pub fn beside(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push(".key");
        Self { path: path.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key; nothing if there is no file.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or may be read by others.
    pub fn read(&self) -> Result<Option<SecretString>, KeyFileError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.failed("read", source)),
        };
        self.refuse_exposed(&file)?;
        let mut text = String::new();
        // A little more than a key, so that what is too long is seen as well.
        file.take(4096).read_to_string(&mut text).map_err(|source| self.failed("read", source))?;
        let key = text.trim_ascii_end();
        let is_whole = key.len() == 2 * KEY_BYTES && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_whole { Ok(Some(key.into())) } else { Err(KeyFileError::Damaged { path: self.path.clone() }) }
    }

    /// The key; if there is no file, it is made with a random one, in a folder that is made if need be. Of several
    /// processes that do so at once, one makes it and all get its key.
    ///
    /// # Errors
    /// Those of [`KeyFile::read`]; and if the file cannot be written.
    pub fn read_or_make(&self) -> Result<SecretString, KeyFileError> {
        self.read_or_make_within(PATIENCE)
    }

    fn read_or_make_within(&self, patience: Duration) -> Result<SecretString, KeyFileError> {
        let start = Instant::now();
        loop {
            match self.read() {
                Ok(Some(key)) => return Ok(key),
                Ok(None) => {
                    if let Some(key) = self.make()? {
                        return Ok(key);
                    }
                }
                // Perhaps another process has made it a moment ago and is about to write.
                Err(KeyFileError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
            if start.elapsed() >= patience {
                return Err(KeyFileError::Damaged { path: self.path.clone() });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes the file; nothing if another process was faster.
    fn make(&self) -> Result<Option<SecretString>, KeyFileError> {
        let key = random_key()?;
        private_folder()
            .recursive(true)
            .create(self.folder())
            .map_err(|source| self.failed("make", source))?;
        let mut file = match private_file().create_new(true).write(true).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(source) => return Err(self.failed("make", source)),
        };
        if let Err(source) = writeln!(file, "{}", key.expose_secret())
            .and_then(|()| file.sync_all())
            .and_then(|()| self.sync_folder())
        {
            drop(std::fs::remove_file(&self.path));
            return Err(self.failed("write", source));
        }
        Ok(Some(key))
    }

    /// Makes the file's name durable, where that is a separate thing.
    fn sync_folder(&self) -> io::Result<()> {
        if cfg!(unix) { File::open(self.folder())?.sync_all() } else { Ok(()) }
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    #[cfg(unix)]
    fn refuse_exposed(&self, file: &File) -> Result<(), KeyFileError> {
        use std::os::unix::fs::PermissionsExt;
        let metadata = file.metadata().map_err(|source| self.failed("read", source))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 { Err(KeyFileError::Exposed { path: self.path.clone(), mode }) } else { Ok(()) }
    }

    #[cfg(not(unix))]
    fn refuse_exposed(&self, _: &File) -> Result<(), KeyFileError> {
        Ok(())
    }

    fn failed(&self, action: &'static str, source: io::Error) -> KeyFileError {
        KeyFileError::Io { action, path: self.path.clone(), source }
    }
}

#[cfg(unix)]
fn private_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private_file() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    DirBuilder::new()
}

/// A key such as the file holds.
pub(super) fn random_key() -> Result<SecretString, KeyFileError> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(KeyFileError::Random)?;
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Ok(digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture {
        _folder: tempfile::TempDir,
        file: KeyFile,
    }

    fn fixture() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::beside(&folder.path().join("taglink.db"));
        Fixture { _folder: folder, file }
    }

    fn write(file: &KeyFile, text: &str) {
        private_file()
            .create_new(true)
            .write(true)
            .open(&file.path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    #[test]
    fn a_key_is_made_once_and_kept() {
        let Fixture { file, _folder } = fixture();
        assert!(file.path().ends_with("taglink.db.key"));
        assert!(file.read().unwrap().is_none(), "reading makes nothing");
        let key = file.read_or_make().unwrap();
        assert_eq!(key.expose_secret().len(), 64);
        assert_eq!(file.read_or_make().unwrap().expose_secret(), key.expose_secret());
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), format!("{}\n", key.expose_secret()));
        assert_ne!(fixture().file.read_or_make().unwrap().expose_secret(), key.expose_secret());
    }

    #[test]
    fn everybody_gets_the_key_of_whoever_was_first() {
        let Fixture { file, _folder } = fixture();
        let keys: Vec<String> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..16).map(|_| scope.spawn(|| file.read_or_make().unwrap())).collect();
            racers.into_iter().map(|racer| racer.join().unwrap().expose_secret().to_owned()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone_and_refused_otherwise() {
        use std::os::unix::fs::PermissionsExt;
        let Fixture { file, _folder } = fixture();
        file.read_or_make().unwrap();
        let mode = || file.path().metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        for exposed in [0o640, 0o604, 0o660] {
            std::fs::set_permissions(file.path(), PermissionsExt::from_mode(exposed)).unwrap();
            let error = file.read_or_make().unwrap_err();
            assert!(matches!(error, KeyFileError::Exposed { mode, .. } if mode == exposed));
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_folder_is_made_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        KeyFile::beside(&root.path().join("a/b/taglink.db")).read_or_make().unwrap();
        for made in ["a", "a/b"] {
            assert_eq!(root.path().join(made).metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn an_empty_or_damaged_file_is_refused_and_left_alone() {
        for text in ["", "\n", "0123456789abcdef", &"x".repeat(64), &"a".repeat(65)] {
            let Fixture { file, _folder } = fixture();
            write(&file, text);
            let error = file.read_or_make_within(Duration::ZERO).unwrap_err();
            assert!(matches!(error, KeyFileError::Damaged { .. }), "{error}");
            assert_eq!(std::fs::read_to_string(file.path()).unwrap(), text);
        }
    }

    #[test]
    fn a_key_that_is_just_being_written_is_waited_for() {
        let Fixture { file, _folder } = fixture();
        write(&file, "");
        let key = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| file.read_or_make_within(Duration::from_secs(30)).unwrap());
            std::fs::write(file.path(), format!("{}\n", "a".repeat(64))).unwrap();
            waiting.join().unwrap()
        });
        assert_eq!(key.expose_secret(), "a".repeat(64));
    }

    #[test]
    fn a_file_that_cannot_be_made_is_named() {
        let Fixture { file, _folder } = fixture();
        write(&file, "");
        let inside = KeyFile::beside(&file.path().join("taglink.db"));
        let error = inside.read_or_make().unwrap_err().to_string();
        assert!(error.ends_with("taglink.db.key/taglink.db.key"), "{error}");
    }
}
