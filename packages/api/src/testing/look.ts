import { silentLog, type Tier } from "@bee/core";
import { openRedis, Queues } from "@bee/queue";
import type { ApiUnderTest } from "./api-under-test.ts";

/** How many jobs are stored: a refused request must not change it. */
export async function countJobs({ db }: ApiUnderTest): Promise<number> {
  const { jobs } = await db
    .selectFrom("jobs")
    .select((eb) => eb.fn.countAll<string>().as("jobs"))
    .executeTakeFirstOrThrow();
  return Number(jobs);
}

/** The ids of the tasks that wait in a tier's queue. */
export async function waitingTasks({ redis }: ApiUnderTest, tier: Tier): Promise<string[]> {
  const connection = openRedis({ url: redis.url, name: "test", log: silentLog });
  const queues = new Queues(connection, "default", "general");
  const jobs = await queues.queues[tier].getJobs(["waiting", "delayed"]);
  await queues.close();
  connection.disconnect();
  return jobs.map((job) => job.id!);
}
