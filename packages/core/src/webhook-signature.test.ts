import { expect, test } from "@jest/globals";
import { isWebhookSecret, signWebhook } from "./webhook-signature.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** The example that the scheme's libraries test themselves with. */
test("signs as the scheme's own example does", () => {
  const message = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  expect(signWebhook(SECRET, message)).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test.each([
  ["the scheme's own", SECRET, true],
  ["32 bytes, padded", `whsec_${Buffer.alloc(32, 7).toString("base64")}`, true],
  ["64 bytes", `whsec_${Buffer.alloc(64, 7).toString("base64")}`, true],
  ["no prefix", SECRET.slice(6), false],
  ["16 bytes", `whsec_${Buffer.alloc(16, 7).toString("base64")}`, false],
  ["65 bytes", `whsec_${Buffer.alloc(65, 7).toString("base64")}`, false],
  ["no base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", false],
  ["nothing", "whsec_", false],
])("a secret: %s", (_what, text, is) => {
  expect(isWebhookSecret(text)).toBe(is);
});
