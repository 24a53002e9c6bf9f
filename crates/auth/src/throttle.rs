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
    /// It may be made. It is counted already; [`Throttle::forgive`] takes that back.
    Admitted,
    /// It may be made only from where the name has logged in before. It is counted already.
    OnlyIfKnown(RetryAfter),
    /// It is refused, and not counted.
    Refused(RetryAfter),
}

/// After how long another attempt may be made.
pub(crate) type RetryAfter = Duration;

/// The failures of the last minute, for up to 100 000 addresses, names and pairs each. One for each process.
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

    /// Counts an attempt as a failure, so that many at once cannot slip through, unless there were too many.
    pub(crate) fn admit(&self, attempt: &Attempt, now: Timestamp) -> Verdict {
        self.addresses.follow_clock(&attempt.address, now);
        self.pairs.follow_clock(&Self::pair(attempt), now);
        self.names.follow_clock(&attempt.name, now);
        if let Err(retry_after) = self.addresses.take(attempt.address, now) {
            return Verdict::Refused(retry_after);
        }
        if let Err(retry_after) = self.pairs.take(Self::pair(attempt), now) {
            self.addresses.give_back(attempt.address);
            return Verdict::Refused(retry_after);
        }
        self.names.take(attempt.name, now).map_or_else(Verdict::OnlyIfKnown, |()| Verdict::Admitted)
    }

    /// Takes back that an attempt was counted: it did not fail, or was not made.
    pub(crate) fn forgive(&self, attempt: &Attempt, verdict: Verdict) {
        if let Verdict::Refused(_) = verdict {
            return;
        }
        self.addresses.give_back(attempt.address);
        self.pairs.give_back(Self::pair(attempt));
        if verdict == Verdict::Admitted {
            self.names.give_back(attempt.name);
        }
    }

    fn pair(attempt: &Attempt) -> [u8; 32] {
        digest(&[&attempt.name, &attempt.address])
    }
}

/// Counts by the generic cell rate algorithm: what is kept of a key is the moment at which all its failures will be
/// forgiven.
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

    /// A clock that was set back must not lock anybody out for longer than the window. Every meter is told, also those
    /// that are not asked because another refuses: otherwise one window would follow the other.
    fn follow_clock(&self, key: &K, now: Timestamp) {
        if let Some(entry) = self.entries.get(key) {
            let mut forgiven_at = entry.lock().unwrap_or_else(PoisonError::into_inner);
            *forgiven_at = (*forgiven_at).min(now.micros().saturating_add(WINDOW));
        }
    }

    fn take(&self, key: K, now: Timestamp) -> Result<(), RetryAfter> {
        let now = now.micros();
        let entry = self.entry(key);
        let mut forgiven_at = entry.lock().unwrap_or_else(PoisonError::into_inner);
        let next = (*forgiven_at).max(now).saturating_add(self.interval);
        let excess = next.saturating_sub(now).saturating_sub(WINDOW);
        if excess > 0 {
            return Err(Duration::from_micros(excess.unsigned_abs()));
        }
        *forgiven_at = next;
        Ok(())
    }

    fn give_back(&self, key: K) {
        let entry = self.entry(key);
        let mut forgiven_at = entry.lock().unwrap_or_else(PoisonError::into_inner);
        *forgiven_at = forgiven_at.saturating_sub(self.interval);
    }

    fn entry(&self, key: K) -> Arc<Mutex<i64>> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        self.entries.get_or_insert_with(&key, fresh).unwrap_or_else(|never| match never {})
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

    fn is_refused(verdict: Verdict) -> bool {
        matches!(verdict, Verdict::Refused(_))
    }

    #[test]
    fn a_pair_is_refused_after_its_limit_and_let_in_again_as_time_passes() {
        let throttle = throttle(1000, 10, 1000);
        let alice = attempt("alice", "192.0.2.1");
        for number in 0..10 {
            assert_eq!(throttle.admit(&alice, at(0)), Verdict::Admitted, "{number}");
        }
        assert_eq!(throttle.admit(&alice, at(0)), Verdict::Refused(Duration::from_secs(6)));
        assert_eq!(throttle.admit(&attempt("bob", "192.0.2.1"), at(0)), Verdict::Admitted);
        assert_eq!(throttle.admit(&attempt("alice", "192.0.2.2"), at(0)), Verdict::Admitted);
        assert_eq!(throttle.admit(&alice, at(6)), Verdict::Admitted);
        assert!(is_refused(throttle.admit(&alice, at(6))));
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
            assert_eq!(throttle.admit(&attempt(name, address), at(0)), Verdict::Admitted);
        }
        assert!(is_refused(throttle.admit(&attempt("d", "2001:db8::3"), at(0))));
        assert_eq!(throttle.admit(&attempt("d", "2001:db8:0:1::3"), at(0)), Verdict::Admitted);
        let mapped = attempt("a", "::ffff:192.0.2.1");
        assert_eq!(mapped, attempt("a", "192.0.2.1"), "IPv4 over an IPv6 socket");
    }

    #[test]
    fn a_name_that_strangers_fail_for_is_left_to_those_who_are_known() {
        let throttle = throttle(1000, 10, 2);
        for address in ["192.0.2.1", "192.0.2.2"] {
            assert_eq!(throttle.admit(&attempt("alice", address), at(0)), Verdict::Admitted);
        }
        let verdict = throttle.admit(&attempt("alice", "192.0.2.3"), at(0));
        assert_eq!(verdict, Verdict::OnlyIfKnown(Duration::from_secs(30)));
    }

    #[test]
    fn what_is_forgiven_does_not_count() {
        let throttle = throttle(1, 1, 1);
        let alice = attempt("alice", "192.0.2.1");
        for _ in 0..100 {
            let verdict = throttle.admit(&alice, at(0));
            assert_eq!(verdict, Verdict::Admitted);
            throttle.forgive(&alice, verdict);
        }
        assert_eq!(throttle.admit(&alice, at(0)), Verdict::Admitted);
        let refused = throttle.admit(&alice, at(0));
        throttle.forgive(&alice, refused);
        assert!(is_refused(throttle.admit(&alice, at(0))), "a refusal was never counted");
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out_for_longer() {
        let throttle = throttle(1, 1, 1);
        let alice = attempt("alice", "192.0.2.1");
        assert_eq!(throttle.admit(&alice, at(1_000_000)), Verdict::Admitted);
        assert!(is_refused(throttle.admit(&alice, at(0))));
        assert!(is_refused(throttle.admit(&alice, at(59))));
        assert_eq!(throttle.admit(&alice, at(60)), Verdict::Admitted);
    }
}
