import { testClient } from "./matrix.mjs";
import { connectScript, pythonScript } from "./script-client.mjs";

const reported = (error) => ({ type: "OAuthError", error });

testClient("authlib", {
  connect: connectScript(pythonScript("authlib_client.py")),
  describe: ({ report }) => report,
  errors: {
    wrongPassword: reported("invalid_grant"),
    revoked: reported("invalid_grant"),
    scope: reported("invalid_scope"),
    wrongPasswordTutorial: reported("invalid_grant"),
  },
});
