import { testClient } from "./matrix.mjs";
import { bashScript, connectScript } from "./script-client.mjs";

/** What curl ends with at `--fail-with-body` if the status is 400 or more. */
const refused = (error) => ({ exitStatus: 22, error });

testClient("curl", {
  connect: connectScript(bashScript("curl-client.sh")),
  describe: ({ status, report }) => ({ exitStatus: status, error: report.error }),
  errors: {
    wrongPassword: refused("invalid_grant"),
    revoked: refused("invalid_grant"),
    scope: refused("invalid_scope"),
    wrongPasswordTutorial: refused("invalid_grant"),
  },
});
