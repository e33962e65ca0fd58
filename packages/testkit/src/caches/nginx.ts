import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type RunningCache, startProgram } from "./program.ts";

/** Starts nginx with `proxy_cache` in front of an origin, as its documentation sets it up. */
export async function startNginx(binary: string, originPort: number): Promise<RunningCache> {
  const directory = await mkdtemp(join(tmpdir(), "bee-nginx-"));
  const port = await freePort();
  await writeFile(join(directory, "nginx.conf"), config(directory, port, originPort));
  // Its own default for errors before it has read the file is a place that only root may write to.
  const stop = await startProgram(binary, ["-p", directory, "-c", "nginx.conf", "-e", "stderr"], port);
  return {
    port,
    async stop() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One process, so that it needs no other user and leaves none behind. */
function config(directory: string, port: number, originPort: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
master_process off;
pid ${directory}/pid;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join(" ")}
  proxy_cache_path ${directory}/cache keys_zone=pages:1m;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${originPort};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_cache pages;
      proxy_cache_key $http_host$request_uri;
      add_header X-Cache-Status $upstream_cache_status always;
      location /stale {
        proxy_pass http://127.0.0.1:${originPort};
        proxy_cache_use_stale updating;
        proxy_cache_background_update on;
      }
    }
  }
}
`;
}
