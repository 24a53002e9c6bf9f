// What the clients for Node have in common: openid-client is built on oauth4webapi and passes on its errors.

export const clientId = "taglink-tests";

export const describe = ({ name, status, error }) => ({ name, status, error });

const inBody = (error) => ({ name: "ResponseBodyError", status: 400, error });

export const errors = {
  wrongPassword: inBody("invalid_grant"),
  revoked: inBody("invalid_grant"),
  scope: inBody("invalid_scope"),
  // Where there is a challenge, the body is not looked at.
  wrongPasswordTutorial: { name: "WWWAuthenticateChallengeError", status: 401, error: undefined },
};

/** A request of JSON, as the functions for calling an API take it. */
export const jsonRequest = (body) => ({
  headers: new Headers(body && { "Content-Type": "application/json" }),
  json: body && JSON.stringify(body),
});

/** The answer to a call, be it good or bad: one with a challenge is an error for the libraries. */
export async function readAnswer(calling) {
  const response = await calling.catch((error) => error.response ?? Promise.reject(error));
  return { status: response.status, body: await response.json() };
}
