/**
 * Preloaded into what `execute.mjs` runs: ends it in order when its parent is gone without a word. A signal that kills
 * at once cannot be passed on, and a fleet that nobody can reach from its terminal would stay up.
 */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// To listen for the end must not be a reason to stay.
process.channel.unref();
// Processes that are forked inherit these options, and would end while they wait for their work.
process.execArgv.splice(process.execArgv.indexOf("--import"), 2);
