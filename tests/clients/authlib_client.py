"""Authlib as a client of taglink."""

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

import command_line

CLIENT_ID = "taglink-tests"


def log_in(url, username, password, scope=None):
    return OAuth2Session(CLIENT_ID, scope=scope).fetch_token(url, username=username, password=password)


def refresh(url, tokens):
    return OAuth2Session(CLIENT_ID, token=tokens).refresh_token(url)


def revoke(url, tokens):
    OAuth2Session(CLIENT_ID, token=tokens).revoke_token(url, token_type_hint="refresh_token").raise_for_status()


def call(url, tokens, method, body=None):
    return command_line.answer(OAuth2Session(CLIENT_ID, token=tokens).request(method, url, json=body))


command_line.run({"log-in": log_in, "refresh": refresh, "revoke": revoke, "call": call}, OAuthError)
