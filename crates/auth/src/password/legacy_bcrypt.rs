//! bcrypt, in which users that were taken over are stored until their next login. Never used for new hashes.

use bcrypt::HashParts;

use super::stored::UnusableHash;

/// The sound variants. `$2x$` marks hashes of a faulty implementation, `$2$` is older than the terminating NUL.
pub(super) const PREFIXES: [&str; 3] = ["$2a$", "$2b$", "$2y$"];

/// A poisoned hash of cost 31 would keep a core busy for days; 16 is already several seconds.
const MAX_COST: u32 = 16;
const MIN_COST: u32 = 4;

/// Compares as passlib does: of a password longer than 72 bytes, the first 72 count.
pub(super) fn verify(password: &str, stored: &str) -> Result<bool, UnusableHash> {
    check(stored)?;
    let matches = bcrypt::verify(password, stored).map_err(|_| UnusableHash::Malformed)?;
    // The key is the password with a NUL behind it, repeated: with one inside, different texts have the same hash.
    Ok(matches && !password.contains('\0'))
}

fn check(stored: &str) -> Result<(), UnusableHash> {
    let parts: HashParts = stored.parse().map_err(|_| UnusableHash::Malformed)?;
    // The library's number parser takes `+4` for a number.
    let digits = stored.get(4..6).is_some_and(|cost| cost.bytes().all(|byte| byte.is_ascii_digit()));
    if !digits || parts.get_cost() < MIN_COST {
        return Err(UnusableHash::Malformed);
    }
    if parts.get_cost() > MAX_COST { Err(UnusableHash::TooCostly) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with the operating system's crypt(3).
    const HORSE: &str = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
    const UMLAUTS: &str = "$2b$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC";
    const X_72_TIMES: &str = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";

    #[test]
    fn every_sound_variant_is_verified() {
        for prefix in PREFIXES {
            let stored = HORSE.replace("$2b$", prefix);
            assert_eq!(verify("correct horse", &stored), Ok(true), "{prefix}");
            assert_eq!(verify("correct horsE", &stored), Ok(false), "{prefix}");
        }
        assert_eq!(verify("pässwörd", UMLAUTS), Ok(true));
    }

    #[test]
    fn only_the_first_72_bytes_count() {
        assert_eq!(verify(&"x".repeat(72), X_72_TIMES), Ok(true));
        assert_eq!(verify(&format!("{}and more", "x".repeat(72)), X_72_TIMES), Ok(true));
        assert_eq!(verify(&"x".repeat(71), X_72_TIMES), Ok(false));
    }

    #[test]
    fn a_password_with_a_nul_matches_nothing() {
        let stored = bcrypt::hash("a", MIN_COST).unwrap();
        assert!(bcrypt::verify("a\0a", &stored).unwrap(), "the library takes them for the same");
        assert_eq!(verify("a\0a", &stored), Ok(false));
        assert_eq!(verify("a", &stored), Ok(true));
    }

    #[test]
    fn a_poisoned_hash_is_refused_instead_of_computed() {
        for cost in ["$17$", "$31$", "$99$"] {
            assert_eq!(verify("x", &HORSE.replace("$04$", cost)), Err(UnusableHash::TooCostly), "{cost}");
        }
    }

    #[test]
    fn a_damaged_hash_is_refused() {
        for cost in ["$+4$", "$03$", "$ 4$", "$4$"] {
            assert_eq!(verify("x", &HORSE.replace("$04$", cost)), Err(UnusableHash::Malformed), "{cost}");
        }
        for stored in ["$2b$", "$2b$04$short", &format!("{HORSE}e"), &HORSE.replace('j', "é")] {
            assert_eq!(verify("x", stored), Err(UnusableHash::Malformed), "{stored}");
        }
    }
}
