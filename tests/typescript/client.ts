// A client whose types come from openapi.json alone: what it compiles against is what the service documents.
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./taglink.js";

export type Schemas = components["schemas"];
export type Client = ReturnType<typeof createClient<paths>>;

const form = (body: object) => new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)]));

/** Logs in, and returns a client that sends the token with every request. */
export async function logIn(
  baseUrl: string,
  login: { username: string; password: string; scope?: string },
): Promise<Client> {
  const client = createClient<paths>({ baseUrl });
  const { data, error } = await client.POST("/oauth/token", {
    body: { grant_type: "password", ...login },
    bodySerializer: form,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  if (!data) throw new Error(`cannot log in: ${error?.detail}`);
  const authorize: Middleware = {
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${data.access_token}`);
      return request;
    },
  };
  client.use(authorize);
  return client;
}

/** Every item of a list, page by page: the `Link` header says where to go on. */
export async function cursorOfNext(response: Response): Promise<string | undefined> {
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
  return next === undefined ? undefined : (new URL(next, "http://server").searchParams.get("cursor") ?? undefined);
}
