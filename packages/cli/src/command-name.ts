/**
 * How `bee` is called here, so that whatever we tell people to type works when it is pasted. `BEE_COMMAND` is set by who
 * calls us by another name: `scripts/bee` and `npm start`.
 */
export const BEE = process.env["BEE_COMMAND"] || "bee";
