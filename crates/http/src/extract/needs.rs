//! What a handler needs its principal to be allowed to do, as types, so that no handler can forget to say it.

use taglink_auth::principal::Permission;

/// Names a permission.
pub trait Needs: 'static {
    /// The permission.
    const PERMISSION: Permission;
}

/// Declares a type for each permission, of the same name.
macro_rules! define_needs {
    ($($name:ident),+ $(,)?) => {
        $(
            #[doc = concat!("Needs [`Permission::", stringify!($name), "`].")]
            pub enum $name {}

            impl Needs for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+
    };
}

define_needs!(
    ReadData,
    WriteData,
    ReadAccounts,
    CreateAccounts,
    RemoveAccounts,
    ChangeAccountCredentials,
    ReadUsers,
    ManageUsers,
    ReadOwnUser,
    ChangeOwnPassword,
    ManageOwnCredentials,
);
