//! Users.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use taglink_auth::password::NewPassword;
use taglink_domain::model::{InvalidUsername, User, Username};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{List, new_password};
use crate::error::{ApiError, FieldError};

/// A stored user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    user_id: Uuid,
    /// The name as it was written.
    #[schema(example = "apiuser")]
    username: String,
    /// Whether the user may use the scope `admin`.
    is_admin: bool,
    /// Whether the user cannot log in.
    disabled: bool,
    /// When it was created (RFC 3339).
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    created: String,
}

impl From<User> for UserDto {
    fn from(user: User) -> Self {
        Self {
            user_id: user.id.into(),
            username: user.username,
            is_admin: user.is_admin,
            disabled: user.disabled,
            created: user.created_at.to_string(),
        }
    }
}

/// A user to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser, example = json!({"username": "bob", "password": "correct horse battery", "is_admin": false}))]
pub struct NewUserDto {
    /// 1 to 255 characters; upper and lower case make no difference.
    #[schema(example = "bob", min_length = 1)]
    username: String,
    /// 8 to 1024 bytes.
    #[schema(value_type = String, format = Password, min_length = 8)]
    password: SecretString,
    /// Whether the user may use the scope `admin`; if left out, it may not.
    #[schema(nullable = false, default = false)]
    is_admin: Option<bool>,
}

/// [`NewUserDto`], read.
pub struct ParsedNewUser {
    pub username: Username,
    pub password: NewPassword,
    pub is_admin: bool,
}

impl NewUserDto {
    /// What is wanted.
    ///
    /// # Errors
    /// 422 if a value breaks a rule.
    pub fn parse(self) -> Result<ParsedNewUser, ApiError> {
        let username = Username::parse(&self.username)
            .map_err(|error| FieldError::body("username", "value_error", &error));
        match (username, new_password("password", self.password)) {
            (Ok(username), Ok(password)) => {
                Ok(ParsedNewUser { username, password, is_admin: self.is_admin.unwrap_or(false) })
            }
            (username, password) => {
                Err(ApiError::invalid(username.err().into_iter().chain(password.err()).collect()))
            }
        }
    }
}

/// What is to become different about a user; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChange, example = json!({"disabled": true}))]
pub struct UserChangeDto {
    /// Whether the user may use the scope `admin`. A demotion ends all its sessions and API tokens.
    #[schema(nullable = false)]
    pub(crate) is_admin: Option<bool>,
    /// Whether the user cannot log in. Disabling ends all its sessions and API tokens.
    #[schema(nullable = false)]
    pub(crate) disabled: Option<bool>,
    /// Another password; it ends all sessions and API tokens.
    #[schema(value_type = Option<String>, format = Password, nullable = false)]
    password: Option<SecretString>,
    /// The password as it is: needed by those who change their own.
    #[schema(value_type = Option<String>, format = Password, nullable = false)]
    pub(crate) current_password: Option<SecretString>,
}

impl UserChangeDto {
    /// The password that is wanted.
    ///
    /// # Errors
    /// 422 if it is too short or too long.
    pub fn password(&self) -> Result<Option<NewPassword>, ApiError> {
        let password = self.password.clone().map(|password| new_password("password", password));
        password.transpose().map_err(|error| ApiError::invalid(vec![error]))
    }
}

/// Another password for oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange)]
pub struct PasswordChangeDto {
    /// The password as it is.
    #[schema(value_type = String, format = Password)]
    pub(crate) current_password: SecretString,
    /// The password as it shall be: 8 to 1024 bytes.
    #[schema(value_type = String, format = Password, min_length = 8)]
    password: SecretString,
}

impl PasswordChangeDto {
    /// The password that is wanted.
    ///
    /// # Errors
    /// 422 if it is too short or too long.
    pub fn password(&self) -> Result<NewPassword, ApiError> {
        new_password("password", self.password.clone()).map_err(|error| ApiError::invalid(vec![error]))
    }
}

/// Which users to list: all, or the one of a name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// Only the user of this name.
    #[param(nullable = false)]
    username: Option<String>,
}

impl ListUsers {
    /// The name that was asked for; an error if it could not be one, so that no user has it.
    pub fn name(&self) -> Result<Option<Username>, InvalidUsername> {
        self.username.as_deref().map(Username::parse).transpose()
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        List::new("user", &[("username", self.username.as_deref())])
    }
}
