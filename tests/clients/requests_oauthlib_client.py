"""requests-oauthlib as a client of taglink. Left to itself, it sends its id and an empty secret with HTTP Basic."""

from oauthlib.oauth2 import LegacyApplicationClient, OAuth2Error
from requests_oauthlib import OAuth2Session

import command_line


def session(tokens=None, scope=None):
    return OAuth2Session(client=LegacyApplicationClient("taglink-tests", scope=scope), token=tokens)


def log_in(url, username, password, scope=None):
    return session(scope=scope).fetch_token(url, username=username, password=password)


def refresh(url, tokens):
    return session(tokens).refresh_token(url)


def revoke(url, tokens):
    # The request is oauthlib's, which calls every token an access token unless told otherwise.
    client = LegacyApplicationClient("taglink-tests")
    url, headers, body = client.prepare_token_revocation_request(url, tokens["refresh_token"])
    session().post(url, data=body, headers=headers).raise_for_status()


def call(url, tokens, method, body=None):
    return command_line.answer(session(tokens).request(method, url, json=body))


command_line.run({"log-in": log_in, "refresh": refresh, "revoke": revoke, "call": call}, OAuth2Error)
