import * as oauth from "oauth4webapi";
import { testClient } from "./matrix.mjs";
import { clientId, describe, errors, jsonRequest, readAnswer } from "./node-library.mjs";

const client = { client_id: clientId };
const authentication = oauth.None();
const options = { [oauth.allowInsecureRequests]: true };

async function connect(origin) {
  const issuer = new URL(origin);
  const discovery = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options });
  const metadata = await oauth.processDiscoveryResponse(issuer, discovery);

  return {
    metadata,
    async logIn({ door, username, password, scope }) {
      const server = door ? { ...metadata, token_endpoint: origin + door } : metadata;
      const form = { username, password, ...(scope && { scope }) };
      const request = oauth.genericTokenEndpointRequest(server, client, authentication, "password", form, options);
      return oauth.processGenericTokenEndpointResponse(server, client, await request);
    },
    async refresh({ refresh_token }) {
      const request = oauth.refreshTokenGrantRequest(metadata, client, authentication, refresh_token, options);
      return oauth.processRefreshTokenResponse(metadata, client, await request);
    },
    async revoke({ refresh_token }) {
      const request = oauth.revocationRequest(metadata, client, authentication, refresh_token, options);
      await oauth.processRevocationResponse(await request);
    },
    call({ access_token }, method, path, body) {
      const url = new URL(path, origin);
      const { headers, json } = jsonRequest(body);
      return readAnswer(oauth.protectedResourceRequest(access_token, method, url, headers, json, options));
    },
  };
}

testClient("oauth4webapi", { connect, discovers: true, describe, errors });
