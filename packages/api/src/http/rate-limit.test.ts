import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { asker, problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({ requestsPerMinute: { standard: 5, premium: null, operator: 120_000 } });
});
afterAll(() => api.stop());

test("a key is told what is left of its minute, and refused when nothing is, at all processes together", async () => {
  const { secret } = await api.newKey("standard");
  const another = await api.startAnother();
  const asks = [asker(api.url, secret), asker(another.url, secret)];
  for (let left = 4; left >= 0; left--) {
    const { status, headers } = await asks[left % 2]!("/v1/jobs");
    expect([status, headers.get("ratelimit-policy")]).toEqual([200, '"requests";q=5;w=60']);
    expect(headers.get("ratelimit")).toMatch(new RegExp(`^"requests";r=${left};t=\\d+$`));
  }
  for (const ask of asks) {
    const refused = await ask("/v1/jobs");
    expect(problemIn(refused)).toMatchObject({
      ...{ status: 429, code: "too-many-requests" },
      detail: expect.stringMatching(/^expected at most 5 requests a minute of a key of the plan standard/),
    });
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    expect(refused.headers.get("ratelimit")).toContain('"requests";r=0;');
  }
  await another.stop();
  // Others have a minute of their own, and a plan without a limit none.
  expect((await api.ask("/v1/jobs")).headers.get("ratelimit")).toContain('"requests";r=119999;');
  const premium = await api.newKey("premium");
  const unlimited = await api.ask("/v1/jobs", { key: premium.secret });
  expect([unlimited.status, unlimited.headers.get("ratelimit")]).toEqual([200, null]);
});
