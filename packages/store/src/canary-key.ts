/** The key that the canary's jobs belong to; its row comes with the schema, and nobody has its secret. */
export const CANARY_KEY_ID = "00000000-0000-7000-8000-000000000002";
