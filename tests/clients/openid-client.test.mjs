import * as openid from "openid-client";
import { testClient } from "./matrix.mjs";
import { clientId, describe, errors, jsonRequest, readAnswer } from "./node-library.mjs";

/** The same server, but with another place to log in. */
function withTokenEndpoint(metadata, tokenEndpoint) {
  const changed = { ...metadata, token_endpoint: tokenEndpoint };
  const config = new openid.Configuration(changed, clientId, undefined, openid.None());
  openid.allowInsecureRequests(config);
  return config;
}

async function connect(origin) {
  const options = { algorithm: "oauth2", execute: [openid.allowInsecureRequests] };
  const config = await openid.discovery(new URL(origin), clientId, undefined, openid.None(), options);
  const metadata = config.serverMetadata();

  return {
    metadata,
    logIn({ door, username, password, scope }) {
      const server = door ? withTokenEndpoint(metadata, origin + door) : config;
      return openid.genericGrantRequest(server, "password", { username, password, ...(scope && { scope }) });
    },
    refresh: ({ refresh_token }) => openid.refreshTokenGrant(config, refresh_token),
    revoke: ({ refresh_token }) => openid.tokenRevocation(config, refresh_token),
    call({ access_token }, method, path, body) {
      const url = new URL(path, origin);
      const { headers, json } = jsonRequest(body);
      return readAnswer(openid.fetchProtectedResource(config, access_token, url, method, json, headers));
    },
  };
}

testClient("openid-client", { connect, discovers: true, describe, errors });
