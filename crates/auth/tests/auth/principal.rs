//! What a principal may do, and on whose rows, for every scope and kind of credential.

use taglink_auth::principal::{OwnerError, Permission, Principal};
use taglink_auth::scope::Role;
use taglink_domain::model::{AccountId, AccountScope, IdRef, Owner, Subject};

use crate::setting::{Setting, shown, wish};

const SCOPES: [&str; 6] = ["", "read", "admin", "admin read", "account", "account read"];

const PERMISSIONS: [Permission; 11] = [
    Permission::ReadData,
    Permission::WriteData,
    Permission::ReadAccounts,
    Permission::CreateAccounts,
    Permission::RemoveAccounts,
    Permission::ChangeAccountCredentials,
    Permission::ReadUsers,
    Permission::ManageUsers,
    Permission::ReadOwnUser,
    Permission::ChangeOwnPassword,
    Permission::ManageOwnCredentials,
];

/// Who has a permission: for each of [`SCOPES`], first after a login and then with an API token.
fn who_has(permission: Permission) -> &'static str {
    match permission {
        Permission::ReadData => "yyyyyy yyyyyy",
        Permission::WriteData => "y-y-y- y-y-y-",
        Permission::ReadAccounts => "--yyyy --yyyy",
        Permission::CreateAccounts => "--y--- --y---",
        Permission::RemoveAccounts => "--y-y- --y-y-",
        Permission::ChangeAccountCredentials => "--y-y- ------",
        Permission::ReadUsers => "--yy-- --yy--",
        Permission::ManageUsers => "--y--- ------",
        Permission::ReadOwnUser => "yyyy-- yyyy--",
        Permission::ChangeOwnPassword => "y-y--- ------",
        Permission::ManageOwnCredentials => "y-y-y- ------",
    }
}

/// A principal of each of [`SCOPES`], after a login and with an API token.
async fn principals(setting: &Setting) -> [Vec<Principal>; 2] {
    let (mut logged_in, mut scripts) = (Vec::new(), Vec::new());
    for scope in SCOPES {
        let principal = setting.principal(&setting.tokens(scope).await).await;
        let made = setting.auth.create_api_token(&principal, wish(Some(scope))).await.unwrap();
        logged_in.push(principal);
        scripts.push(setting.authenticate(shown(&made.secret)).await.unwrap());
    }
    [logged_in, scripts]
}

fn id(account: Subject) -> AccountId {
    let Subject::Account(id) = account else { unreachable!() };
    id
}

#[tokio::test]
async fn each_permission_is_for_those_who_are_listed() {
    let setting = Setting::new();
    let principals = principals(&setting).await;
    for permission in PERMISSIONS {
        let marks = |principals: &Vec<Principal>| -> String {
            principals.iter().map(|principal| if principal.may(permission) { 'y' } else { '-' }).collect()
        };
        let [logged_in, scripts] = principals.each_ref().map(marks);
        assert_eq!(format!("{logged_in} {scripts}"), who_has(permission), "{permission:?}");
    }
}

#[tokio::test]
async fn whose_rows_a_principal_reaches_depends_on_its_role_alone() {
    let setting = Setting::new();
    let own = id(setting.account);
    for principal in principals(&setting).await.iter().flatten() {
        let scope = match principal.scopes.role {
            Role::Plain => AccountScope::One(AccountId::SHARED),
            Role::Admin => AccountScope::All,
            Role::Account => AccountScope::One(own),
        };
        assert_eq!(principal.account_scope(), scope, "{principal:?}");
    }
}

#[tokio::test]
async fn a_filter_by_account_narrows_the_scope_and_never_widens_it() {
    let setting = Setting::new();
    let (shared, own, other) = (AccountId::SHARED, id(setting.account), AccountId::new());
    for principal in principals(&setting).await.iter().flatten() {
        let reached = |account: AccountId| principal.account_scope_of(Some(&account.into()));
        let expected = match principal.scopes.role {
            Role::Plain => [Some(shared), None, None],
            Role::Admin => [Some(shared), Some(own), Some(other)],
            Role::Account => [None, Some(own), None],
        };
        assert_eq!(
            [shared, own, other].map(reached),
            expected.map(|id| id.map(AccountScope::One)),
            "{principal:?}"
        );
        assert_eq!(principal.account_scope_of(None), Some(principal.account_scope()));
        for text in ["", "invalid", &own.to_string().replace('-', "")] {
            assert_eq!(principal.account_scope_of(Some(&IdRef::new(text.to_owned()))), None, "{text:?}");
        }
    }
}

#[tokio::test]
async fn an_admin_says_for_whom_it_creates_and_others_create_for_themselves() {
    use OwnerError::{NotAllowed, Required};
    let setting = Setting::new();
    let (shared, own, other) = (AccountId::SHARED, id(setting.account), AccountId::new());
    let none = IdRef::<AccountId>::new("invalid".into());
    for principal in principals(&setting).await.iter().flatten() {
        let owners = [None, Some(shared.into()), Some(own.into()), Some(other.into()), Some(none.clone())]
            .map(|named| principal.owner(named));
        let chosen = |id: AccountId| Ok(Owner::chosen(id.into()));
        let refused = Err(NotAllowed);
        let expected = match principal.scopes.role {
            Role::Plain => {
                let shared = Ok(Owner::shared());
                [shared.clone(), shared, refused.clone(), refused.clone(), refused]
            }
            Role::Admin => {
                let unknown = Ok(Owner::chosen(none.clone()));
                [Err(Required), chosen(shared), chosen(own), chosen(other), unknown]
            }
            Role::Account => {
                let own = Ok(Owner::own(own));
                [own.clone(), refused.clone(), own, refused.clone(), refused]
            }
        };
        assert_eq!(owners, expected, "{principal:?}");
    }
    assert_eq!(Required.to_string(), "The account_id field is required for the admin scope");
    assert_eq!(NotAllowed.to_string(), "The account_id field should not be provided for account scope");
}

#[tokio::test]
async fn an_id_is_the_same_in_capitals() {
    let setting = Setting::new();
    let own = id(setting.account);
    let principal = setting.principal(&setting.tokens("account").await).await;
    let capitals = IdRef::new(own.to_string().to_uppercase());
    assert_eq!(principal.account_scope_of(Some(&capitals)), Some(AccountScope::One(own)));
    assert_eq!(principal.owner(Some(capitals)), Ok(Owner::own(own)));
}
