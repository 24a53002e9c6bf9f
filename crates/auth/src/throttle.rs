//! Counts failed logins before any password is hashed, in bounded memory.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use taglink_domain::model::{LoginOrigin, Timestamp, Username};

/// How many failures there may be at once; as many are forgiven per minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleLimits {
    /// From one address; of IPv6 the first 64 bits count.
    pub per_address: NonZeroU32,
    /// For one name from one address.
    pub per_name_and_address: NonZeroU32,
    /// For one name, from wherever. Refuses nobody who has logged in under it from the same address lately.
    pub per_name: NonZeroU32,
}

/// Whom failures are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    address: [u8; 16],
    name: [u8; 32],
}

impl Attempt {
    /// An attempt to log in: `kind` keeps names of users and of accounts apart. Names are compared as everywhere, and
    /// whether they exist makes no difference.
    pub(crate) fn new(kind: &str, name: &str, address: IpAddr) -> Self {
        let folded = Username::parse(name);
        let name = folded.as_ref().map_or(name, Username::key);
        Self { address: network(address), name: digest(&[kind.as_bytes(), name.as_bytes()]) }
    }

    /// The digest by which it is remembered that the name has logged in from the address.
    pub(crate) fn origin(&self) -> LoginOrigin {
        digest(&[b"origin", &self.name, &self.address]).into()
    }
}

/// The address itself, or the network that one IPv6 customer has to itself.
fn network(address: IpAddr) -> [u8; 16] {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => (u128::from(address) >> 64 << 64).to_be_bytes(),
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        // A byte that UTF-8 never has keeps texts apart.
        hash.update([0xff]);
    }
    hash.finalize().into()
}

/// What is to become of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may be made.
    Admitted,
    /// It may be made only from where the name has logged in before.
    OnlyIfKnown(RetryAfter),
    /// It is refused.
    Refused(RetryAfter),
}

/// After how long another attempt may be made.
pub(crate) type RetryAfter = Duration;

/// The failures of the last minute, for up to 100 000 addresses, names and pairs each. One for each process.
///
/// Only failures count, so an attempt is asked about when its password is about to be compared, and counted right after
/// that: what can slip through at once are as many as are compared at once.
pub(crate) struct Throttle {
    addresses: Meter<[u8; 16]>,
    pairs: Meter<[u8; 32]>,
    names: Meter<[u8; 32]>,
}

impl Throttle {
    pub(crate) fn new(limits: ThrottleLimits) -> Self {
        Self {
            addresses: Meter::new(limits.per_address),
            pairs: Meter::new(limits.per_name_and_address),
            names: Meter::new(limits.per_name),
        }
    }

    /// Whether an attempt may be made. Counts nothing.
    pub(crate) fn verdict(&self, attempt: &Attempt, now: Timestamp) -> Verdict {
        // All are asked, because each learns from it when the clock was set back.
        let address = self.addresses.ask(&attempt.address, now);
        let pair = self.pairs.ask(&Self::pair(attempt), now);
        let name = self.names.ask(&attempt.name, now);
        match (address.and(pair), name) {
            (Err(retry_after), _) => Verdict::Refused(retry_after),
            (Ok(()), Err(retry_after)) => Verdict::OnlyIfKnown(retry_after),
            (Ok(()), Ok(())) => Verdict::Admitted,
        }
    }

    /// Counts a failure.
    pub(crate) fn count(&self, attempt: &Attempt, now: Timestamp) {
        self.addresses.count(attempt.address, now);
        self.pairs.count(Self::pair(attempt), now);
        self.names.count(attempt.name, now);
    }

    fn pair(attempt: &Attempt) -> [u8; 32] {
        digest(&[&attempt.name, &attempt.address])
    }
}

/// Counts by the generic cell rate algorithm: what is kept of a key is the moment at which all its failures will be
/// forgiven, in microseconds since the Unix epoch.
struct Meter<K> {
    /// How long one failure takes to be forgiven, in microseconds.
    interval: i64,
    entries: Cache<K, Arc<Mutex<i64>>>,
}

/// In which time as many failures as the limit are forgiven, in microseconds.
const WINDOW: i64 = 60_000_000;

const CAPACITY: usize = 100_000;

impl<K: std::hash::Hash + Eq + Copy> Meter<K> {
    fn new(limit: NonZeroU32) -> Self {
        Self { interval: WINDOW / i64::from(limit.get()), entries: Cache::new(CAPACITY) }
    }

    /// Whether one more failure would be within the limit.
    fn ask(&self, key: &K, now: Timestamp) -> Result<(), RetryAfter> {
        let Some(entry) = self.entries.get(key) else { return Ok(()) };
        let mut forgiven_at = entry.lock().unwrap_or_else(PoisonError::into_inner);
        let full = now.micros().saturating_add(WINDOW);
        // A clock that was set back must not lock anybody out for longer than the window.
        *forgiven_at = (*forgiven_at).min(full);
        let excess = forgiven_at.saturating_add(self.interval).saturating_sub(full);
        if excess > 0 { Err(Duration::from_micros(excess.unsigned_abs())) } else { Ok(()) }
    }

    fn count(&self, key: K, now: Timestamp) {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        let entry = self.entries.get_or_insert_with(&key, fresh).unwrap_or_else(|never| match never {});
        let mut forgiven_at = entry.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.micros();
        let next = (*forgiven_at).max(now).saturating_add(self.interval);
        *forgiven_at = next.min(now.saturating_add(WINDOW));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000).unwrap()
    }

    fn throttle(per_address: u32, per_name_and_address: u32, per_name: u32) -> Throttle {
        let limit = |number| NonZeroU32::new(number).unwrap();
        Throttle::new(ThrottleLimits {
            per_address: limit(per_address),
            per_name_and_address: limit(per_name_and_address),
            per_name: limit(per_name),
        })
    }

    fn attempt(name: &str, address: &str) -> Attempt {
        Attempt::new("user", name, address.parse().unwrap())
    }

    /// An attempt that fails, if it may be made.
    fn fail(throttle: &Throttle, attempt: &Attempt, now: Timestamp) -> Verdict {
        let verdict = throttle.verdict(attempt, now);
        if verdict == Verdict::Admitted {
            throttle.count(attempt, now);
        }
        verdict
    }

    fn is_refused(verdict: Verdict) -> bool {
        matches!(verdict, Verdict::Refused(_))
    }

    #[test]
    fn a_pair_is_refused_after_its_limit_and_let_in_again_as_time_passes() {
        let throttle = throttle(1000, 10, 1000);
        let alice = attempt("alice", "192.0.2.1");
        for number in 0..10 {
            assert_eq!(fail(&throttle, &alice, at(0)), Verdict::Admitted, "{number}");
        }
        assert_eq!(fail(&throttle, &alice, at(0)), Verdict::Refused(Duration::from_secs(6)));
        assert_eq!(fail(&throttle, &attempt("bob", "192.0.2.1"), at(0)), Verdict::Admitted);
        assert_eq!(fail(&throttle, &attempt("alice", "192.0.2.2"), at(0)), Verdict::Admitted);
        assert_eq!(fail(&throttle, &alice, at(6)), Verdict::Admitted);
        assert!(is_refused(fail(&throttle, &alice, at(6))));
    }

    #[test]
    fn names_are_compared_as_everywhere_and_kinds_are_apart() {
        assert_eq!(attempt(" Alice", "192.0.2.1"), attempt("alice", "192.0.2.1"));
        assert_ne!(
            attempt("alice", "192.0.2.1"),
            Attempt::new("account", "alice", "192.0.2.1".parse().unwrap())
        );
        assert_ne!(attempt("a\0", "192.0.2.1"), attempt("b\0", "192.0.2.1"), "names that cannot exist, too");
    }

    #[test]
    fn an_address_is_refused_whatever_names_it_tries_and_an_ipv6_network_counts_as_one() {
        let throttle = throttle(3, 10, 1000);
        for (name, address) in [("a", "2001:db8::1"), ("b", "2001:db8::2"), ("c", "2001:db8::ffff")] {
            assert_eq!(fail(&throttle, &attempt(name, address), at(0)), Verdict::Admitted);
        }
        assert!(is_refused(fail(&throttle, &attempt("d", "2001:db8::3"), at(0))));
        assert_eq!(fail(&throttle, &attempt("d", "2001:db8:0:1::3"), at(0)), Verdict::Admitted);
        let mapped = attempt("a", "::ffff:192.0.2.1");
        assert_eq!(mapped, attempt("a", "192.0.2.1"), "IPv4 over an IPv6 socket");
    }

    #[test]
    fn a_name_that_strangers_fail_for_is_left_to_those_who_are_known() {
        let throttle = throttle(1000, 10, 2);
        for address in ["192.0.2.1", "192.0.2.2"] {
            assert_eq!(fail(&throttle, &attempt("alice", address), at(0)), Verdict::Admitted);
        }
        let verdict = fail(&throttle, &attempt("alice", "192.0.2.3"), at(0));
        assert_eq!(verdict, Verdict::OnlyIfKnown(Duration::from_secs(30)));
    }

    #[test]
    fn asking_counts_nothing_and_more_than_the_limit_waits_no_longer() {
        let throttle = throttle(2, 2, 2);
        let alice = attempt("alice", "192.0.2.1");
        for _ in 0..100 {
            assert_eq!(throttle.verdict(&alice, at(0)), Verdict::Admitted);
        }
        for _ in 0..100 {
            throttle.count(&alice, at(0));
        }
        assert_eq!(throttle.verdict(&alice, at(0)), Verdict::Refused(Duration::from_secs(30)));
        assert_eq!(throttle.verdict(&alice, at(30)), Verdict::Admitted);
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out_for_longer() {
        let throttle = throttle(1, 1, 1);
        let alice = attempt("alice", "192.0.2.1");
        assert_eq!(fail(&throttle, &alice, at(1_000_000)), Verdict::Admitted);
        assert!(is_refused(fail(&throttle, &alice, at(0))));
        assert!(is_refused(fail(&throttle, &alice, at(59))));
        assert_eq!(fail(&throttle, &alice, at(60)), Verdict::Admitted);
    }
}
