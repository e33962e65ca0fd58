/** Jest transformer: the same type stripping that Node applies in production, so tests run what runs. */
import { stripTypeScriptTypes } from "node:module";

export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
