import { afterEach, expect, test } from "@jest/globals";
import { BREAKER_SETTINGS, Breakers, CircuitOpenError } from "./breakers.ts";

let breakers: Breakers;
afterEach(() => breakers.stop());

const refuse = async () => {
  throw new Error("refused");
};

async function fail(domain: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await breakers.fire(domain, refuse).catch(() => {});
}

test("opens after enough failures, says for how long, and makes no call while open", async () => {
  breakers = new Breakers();
  await fail("down.test", BREAKER_SETTINGS.volume);
  let called = false;
  const error = await breakers
    .fire("down.test", async () => {
      called = true;
    })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CircuitOpenError);
  expect((error as CircuitOpenError).openForMs).toBeGreaterThan(25_000);
  expect(called).toBe(false);
});

test("one domain's failures are no other's", async () => {
  breakers = new Breakers();
  await fail("down.test", 10);
  await expect(breakers.fire("up.test", async () => "fine")).resolves.toBe("fine");
});

test("a few failures among many answers do not open it", async () => {
  breakers = new Breakers();
  for (let i = 0; i < 20; i++) {
    await breakers.fire("shaky.test", async () => "fine");
    if (i % 4 === 0) await fail("shaky.test", 1);
  }
  await expect(breakers.fire("shaky.test", async () => "fine")).resolves.toBe("fine");
});

test("a good probe closes it", async () => {
  breakers = new Breakers({ settings: { ...BREAKER_SETTINGS, openMs: 20 } });
  await fail("back.test", BREAKER_SETTINGS.volume);
  await new Promise((resolve) => setTimeout(resolve, 40));
  await expect(breakers.fire("back.test", async () => "fine")).resolves.toBe("fine");
});

test("forgets the domain that was used least recently", async () => {
  breakers = new Breakers({ capacity: 2 });
  await fail("a.test", 10);
  await breakers.fire("b.test", async () => {});
  await breakers.fire("c.test", async () => {});
  await expect(breakers.fire("a.test", async () => "fine")).resolves.toBe("fine");
});

test("errors that say nothing of the domain do not open it, and reach the caller", async () => {
  breakers = new Breakers({ isFailure: (error) => (error as Error).message !== "the job has ended" });
  const call = async () => {
    throw new Error("the job has ended");
  };
  for (let i = 0; i < 20; i++)
    await expect(breakers.fire("busy.test", call)).rejects.toThrow("the job has ended");
  await expect(breakers.fire("busy.test", async () => "fine")).resolves.toBe("fine");
});
