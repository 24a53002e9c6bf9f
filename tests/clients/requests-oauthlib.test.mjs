import { testClient } from "./matrix.mjs";
import { connectScript, pythonScript } from "./script-client.mjs";

const invalidGrant = { type: "InvalidGrantError", error: "invalid_grant" };
const invalidScope = { type: "InvalidScopeError", error: "invalid_scope" };

testClient("requests-oauthlib", {
  connect: connectScript(pythonScript("requests_oauthlib_client.py")),
  describe: ({ report }) => report,
  errors: {
    wrongPassword: invalidGrant,
    revoked: invalidGrant,
    scope: invalidScope,
    wrongPasswordTutorial: invalidGrant,
  },
});
