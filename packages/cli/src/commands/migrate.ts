import { migrate as migrateDatabase } from "@bee/store";
import { EXIT } from "../exit-codes.ts";
import { withDatabase } from "./with-database.ts";

/** Brings the schema of the database up to date. */
export async function migrate(): Promise<number> {
  const applied = await withDatabase(migrateDatabase);
  const news = applied.map((name) => `Applied ${name}\n`).join("");
  process.stdout.write(news === "" ? "The database is up to date\n" : news);
  return EXIT.fine;
}
