/** What the run's global setup hands to the test files. */
export function requireEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`expected ${name} from the run's global setup, got nothing; run npm test`);
  return value;
}
