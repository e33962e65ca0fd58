/** `npm run openapi`: writes the description of the API where it is checked in. */
import { writeFileSync } from "node:fs";
import { createDocument } from "./document.ts";
import { CHECKED_IN, textOf } from "./file.ts";

writeFileSync(CHECKED_IN, textOf(createDocument()));
