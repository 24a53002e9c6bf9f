//! Failed logins are counted before anything is hashed.

use std::time::Duration;

use taglink_auth::ThrottleLimits;
use taglink_auth::password::HashingLimits;
use taglink_auth::service::{AuthConfig, ConfirmError, LoginError};
use taglink_domain::model::Subject;
use taglink_domain::port::RepositoryError;
use tokio::task::yield_now;

use crate::clock::{DAY, MINUTE, SECOND};
use crate::occupied;
use crate::setting::{ADDRESS, ADMIN, EMAIL, PASSWORD, Setting, USERNAME, config, ip, limits};

const WRONG: &str = "wrong horse";
const STRANGER: &str = "198.51.100.7";
const PLENTY: u32 = 10_000;

/// A service with these limits, whose stored hashes cost little.
fn with_limits(throttle: ThrottleLimits) -> Setting {
    Setting::with(AuthConfig { throttle, ..config() }, &cheap_hash())
}

fn cheap_hash() -> String {
    bcrypt::hash(PASSWORD, 4).unwrap()
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    LoggedIn,
    Incorrect,
    Throttled,
    Overloaded,
    Failed,
}

use Answer::{Failed, Incorrect, LoggedIn, Overloaded, Throttled};

async fn attempt_for(setting: &Setting, address: &str, name: &str, password: &str, scope: &str) -> Answer {
    match setting.login_from(address, name, password, scope).await {
        Ok(_) => LoggedIn,
        Err(LoginError::IncorrectCredentials { .. } | LoginError::InvalidScope) => Incorrect,
        Err(LoginError::Throttled(_)) => Throttled,
        Err(LoginError::Overloaded) => Overloaded,
        Err(LoginError::Repository(_) | LoginError::Internal(_)) => Failed,
    }
}

async fn attempt(setting: &Setting, address: &str, name: &str, password: &str) -> Answer {
    attempt_for(setting, address, name, password, "").await
}

#[tokio::test(start_paused = true)]
async fn a_name_is_refused_at_an_address_after_its_failures_and_let_in_as_they_are_forgiven() {
    let setting = with_limits(limits(PLENTY, 10, PLENTY));
    for _ in 0..10 {
        assert_eq!(attempt(&setting, ADDRESS, USERNAME, WRONG).await, Incorrect);
    }
    let refused = setting.login(USERNAME, PASSWORD).await.map(drop);
    assert_eq!(refused, Err(LoginError::Throttled(Duration::from_secs(6))), "the right password, too");
    assert_eq!(attempt(&setting, ADDRESS, " APIUSER", PASSWORD).await, Throttled, "however it is written");
    assert_eq!(attempt(&setting, STRANGER, USERNAME, PASSWORD).await, LoggedIn);
    assert_eq!(attempt(&setting, ADDRESS, ADMIN, PASSWORD).await, LoggedIn);
    setting.clock.advance_micros(6 * SECOND - 1);
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, Throttled);
    setting.clock.advance_micros(1);
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, LoggedIn);
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, WRONG).await, Incorrect);
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, WRONG).await, Throttled);
}

#[tokio::test(start_paused = true)]
async fn an_address_is_refused_whatever_names_it_tries() {
    for (addresses, other) in
        [([ADDRESS, "::ffff:192.0.2.1"], STRANGER), (["2001:db8::1", "2001:db8::ffff:1"], "2001:db8:0:1::1")]
    {
        let setting = with_limits(limits(4, PLENTY, PLENTY));
        for (name, scope) in [("nobody", ""), (USERNAME, "read"), (EMAIL, "account"), ("\0", "admin")] {
            assert_eq!(attempt_for(&setting, addresses[0], name, WRONG, scope).await, Incorrect);
        }
        for address in addresses {
            assert_eq!(attempt(&setting, address, ADMIN, PASSWORD).await, Throttled, "{address}");
        }
        assert_eq!(attempt(&setting, other, ADMIN, PASSWORD).await, LoggedIn);
        setting.clock.advance_micros(MINUTE);
        assert_eq!(attempt(&setting, addresses[0], ADMIN, PASSWORD).await, LoggedIn);
    }
}

#[tokio::test(start_paused = true)]
async fn names_that_do_not_exist_are_refused_alike() {
    for (name, scope) in
        [(USERNAME, ""), ("nobody", ""), ("no\0name", ""), (EMAIL, "account"), ("no email", "account")]
    {
        let setting = with_limits(limits(PLENTY, 3, PLENTY));
        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(attempt_for(&setting, ADDRESS, name, WRONG, scope).await);
        }
        assert_eq!(answers, [Incorrect, Incorrect, Incorrect, Throttled], "{name:?}");

        let setting = with_limits(limits(PLENTY, PLENTY, 3));
        let mut answers = Vec::new();
        for number in 0..4 {
            answers.push(attempt_for(&setting, &format!("192.0.2.{number}"), name, WRONG, scope).await);
        }
        assert_eq!(answers, [Incorrect, Incorrect, Incorrect, Throttled], "{name:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn users_and_accounts_of_one_name_are_counted_apart() {
    let setting = with_limits(limits(PLENTY, 1, PLENTY));
    assert_eq!(attempt(&setting, ADDRESS, EMAIL, WRONG).await, Incorrect, "as a user");
    assert_eq!(attempt_for(&setting, ADDRESS, EMAIL, PASSWORD, "account").await, LoggedIn);
}

#[tokio::test(start_paused = true)]
async fn success_does_not_count() {
    let setting = with_limits(limits(1, 1, 1));
    for _ in 0..5 {
        assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, LoggedIn);
    }
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, WRONG).await, Incorrect);
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, Throttled);
}

#[tokio::test(start_paused = true)]
async fn the_right_password_for_a_scope_that_cannot_be_had_does_not_count() {
    let setting = with_limits(limits(1, 1, 1));
    for scope in ["admin", "admin read", "nonsense"] {
        assert_eq!(attempt_for(&setting, ADDRESS, USERNAME, PASSWORD, scope).await, Incorrect);
    }
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, LoggedIn);
}

#[tokio::test(start_paused = true)]
async fn being_refused_does_not_count() {
    // For the pair, and for the name.
    for (throttle, first) in [(limits(2, 1, PLENTY), ADDRESS), (limits(1, 1, 1), STRANGER)] {
        let setting = with_limits(throttle);
        assert_eq!(attempt(&setting, first, USERNAME, WRONG).await, Incorrect);
        for _ in 0..5 {
            assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, Throttled);
        }
        assert_eq!(attempt(&setting, ADDRESS, ADMIN, PASSWORD).await, LoggedIn, "the address is not refused");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_kept_out_by_strangers_where_the_name_has_logged_in_before() {
    for (name, scope) in [(USERNAME, ""), (EMAIL, "account")] {
        let before = with_limits(limits(PLENTY, PLENTY, 3));
        assert_eq!(attempt_for(&before, ADDRESS, name, PASSWORD, scope).await, LoggedIn);
        // The counters are gone with the process, where a name is known from is not.
        let setting = before.restarted(AuthConfig { throttle: limits(PLENTY, 5, 3), ..config() });
        for number in 0..3 {
            let address = format!("203.0.113.{number}");
            assert_eq!(attempt_for(&setting, &address, name, WRONG, scope).await, Incorrect);
        }
        assert_eq!(attempt_for(&setting, STRANGER, name, PASSWORD, scope).await, Throttled);
        for _ in 0..3 {
            assert_eq!(attempt_for(&setting, ADDRESS, name, PASSWORD, scope).await, LoggedIn);
        }
        for _ in 0..5 {
            assert_eq!(attempt_for(&setting, ADDRESS, name, WRONG, scope).await, Incorrect);
        }
        let answer = attempt_for(&setting, ADDRESS, name, PASSWORD, scope).await;
        assert_eq!(answer, Throttled, "the failures of the pair count there, too");
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_name_has_logged_in_is_known_for_30_days() {
    for (late, answer) in [(0, LoggedIn), (1, Throttled)] {
        let setting = with_limits(limits(PLENTY, PLENTY, 1));
        assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, LoggedIn);
        setting.clock.advance_micros(30 * DAY + late);
        assert_eq!(attempt(&setting, STRANGER, USERNAME, WRONG).await, Incorrect);
        assert_eq!(attempt(&setting, ADDRESS, USERNAME, PASSWORD).await, answer);
    }
}

#[test]
fn a_refusal_costs_no_access_and_no_hashing_and_being_turned_away_does_not_count() {
    occupied::run(async {
        let hashing = HashingLimits { permits: 1, waiting: 0 };
        let setting =
            Setting::with(AuthConfig { throttle: limits(8, 2, PLENTY), hashing, ..config() }, &cheap_hash());
        for name in [USERNAME, USERNAME, "nobody", "nobody"] {
            assert_eq!(attempt(&setting, ADDRESS, name, WRONG).await, Incorrect);
        }
        setting.store.state().hold_reads = true;
        let release = occupied::occupy();
        let during = async {
            setting.store.held(1).await;
            setting.store.release();
            // The login from elsewhere goes on until it waits for the hasher, and fills it.
            yield_now().await;
            yield_now().await;
            for _ in 0..5 {
                assert_eq!(attempt(&setting, ADDRESS, ADMIN, WRONG).await, Overloaded);
            }
            let before = setting.store.accesses();
            for name in [USERNAME, "nobody"] {
                assert_eq!(attempt(&setting, ADDRESS, name, PASSWORD).await, Throttled, "not turned away");
            }
            assert_eq!(setting.store.accesses(), before);
            drop(release);
        };
        let (elsewhere, ()) = tokio::join!(attempt(&setting, STRANGER, USERNAME, PASSWORD), during);
        assert_eq!(elsewhere, LoggedIn);
        for answer in [Incorrect, Incorrect, Throttled] {
            assert_eq!(attempt(&setting, ADDRESS, ADMIN, WRONG).await, answer);
        }
    });
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_the_name_costs_one_look_up_and_no_hashing() {
    let setting = with_limits(limits(PLENTY, PLENTY, 1));
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, WRONG).await, Incorrect);
    let before = setting.store.accesses();
    assert_eq!(attempt(&setting, STRANGER, USERNAME, PASSWORD).await, Throttled);
    assert_eq!(setting.store.accesses(), before + 1, "of where it is known, not of the user");
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_storage_does_not_count() {
    let setting = with_limits(limits(2, 2, 1));
    assert_eq!(attempt(&setting, ADDRESS, USERNAME, WRONG).await, Incorrect);
    setting.store.state().failure = Some(RepositoryError::Unavailable("gone".into()));
    for name in [USERNAME, ADMIN, USERNAME, ADMIN] {
        assert_eq!(attempt(&setting, ADDRESS, name, PASSWORD).await, Failed, "{name}");
    }
    setting.store.state().failure = None;
    assert_eq!(attempt(&setting, ADDRESS, ADMIN, WRONG).await, Incorrect);
    assert_eq!(attempt(&setting, ADDRESS, ADMIN, PASSWORD).await, Throttled);
}

#[tokio::test(start_paused = true)]
async fn wrong_values_of_the_current_password_count_too() {
    let setting = with_limits(limits(4, 2, PLENTY));
    let confirm = async |subject, password: &str, address| {
        setting.auth.confirm_password(subject, password.into(), ip(address)).await
    };
    let (user, wrong) = (Subject::User(setting.user_id), Err(ConfirmError::Wrong));
    for _ in 0..5 {
        assert_eq!(confirm(user, PASSWORD, ADDRESS).await, Ok(()), "success does not");
    }
    for subject in [user, user, setting.account, setting.account] {
        assert_eq!(confirm(subject, WRONG, ADDRESS).await, wrong);
    }
    let before = setting.store.accesses();
    for subject in [user, setting.account, setting.admin] {
        let refused = confirm(subject, PASSWORD, ADDRESS).await;
        assert!(matches!(refused, Err(ConfirmError::Throttled(_))), "{refused:?}");
    }
    assert_eq!(attempt(&setting, ADDRESS, ADMIN, PASSWORD).await, Throttled, "the address is the same");
    assert_eq!(setting.store.accesses(), before);
    assert_eq!(confirm(user, PASSWORD, STRANGER).await, Ok(()));
    setting.clock.advance_micros(MINUTE);
    assert_eq!(confirm(user, PASSWORD, ADDRESS).await, Ok(()));

    setting.store.state().failure = Some(RepositoryError::Unavailable("gone".into()));
    for _ in 0..5 {
        let failed = confirm(user, WRONG, ADDRESS).await;
        assert!(matches!(failed, Err(ConfirmError::Repository(_))), "{failed:?}");
    }
    setting.store.state().failure = None;
    assert_eq!(confirm(user, PASSWORD, ADDRESS).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_current_password_of_a_subject_that_is_gone_is_never_right() {
    let setting = Setting::new();
    let user = Subject::User(setting.user_id);
    setting.remove_user();
    for password in [PASSWORD, ""] {
        let confirmed = setting.auth.confirm_password(user, password.into(), ip(ADDRESS)).await;
        assert_eq!(confirmed, Err(ConfirmError::Wrong));
    }
}

#[tokio::test(start_paused = true)]
async fn right_passwords_at_once_are_never_throttled() {
    let setting = with_limits(limits(3, 2, 3));
    let login = || attempt(&setting, ADDRESS, USERNAME, PASSWORD);
    let answers: [Answer; 8] =
        tokio::join!(login(), login(), login(), login(), login(), login(), login(), login()).into();
    assert_eq!(answers, [LoggedIn; 8]);
}

#[tokio::test(start_paused = true)]
async fn of_wrong_passwords_at_once_no_more_are_compared_than_the_limit() {
    // One is hashed at a time, so the throttle is asked again before each.
    let setting = with_limits(limits(PLENTY, 3, PLENTY));
    let fail = || attempt(&setting, ADDRESS, USERNAME, WRONG);
    let answers: [Answer; 8] =
        tokio::join!(fail(), fail(), fail(), fail(), fail(), fail(), fail(), fail()).into();
    let count = |wanted| answers.iter().filter(|answer| **answer == wanted).count();
    assert_eq!((count(Incorrect), count(Throttled)), (3, 5), "{answers:?}");
}
